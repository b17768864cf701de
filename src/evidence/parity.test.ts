// Every metric against others' code on the same scores; test/fixtures/metrics/make.py says whose and how it was run.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Interactions } from "../data/interactions.ts";
import { openSharedKernels } from "../kernels/open-shared.ts";
import { all } from "../metrics/index.ts";
import { f32Table } from "../tables/table.ts";
import { catalogueOf } from "./catalogue.ts";
import { evaluate } from "./evaluate.ts";
import { rankAll } from "./lists.ts";

interface Board {
  readonly name: string;
  readonly scores: readonly number[][];
  readonly train: readonly number[][];
  readonly truth: readonly number[][];
  readonly recbole: Readonly<Record<string, number>>;
  readonly sklearn: Readonly<Record<string, number>>;
  readonly microsoft?: Readonly<Record<string, number>>;
}

const boards = JSON.parse(readFileSync("test/fixtures/metrics/boards.json", "utf8")) as Board[];
const items = 40;

const matrix = (rows: readonly number[][]): Interactions => ({
  ...{ users: rows.length, items, indices: Int32Array.from(rows.flat()) },
  indptr: Int32Array.from([0, ...rows.map((_, u) => rows.slice(0, u + 1).flat().length)]),
  values: new Float32Array(rows.flat().length).fill(1),
});

/** Scores as a recommender: the item table is the identity, so that a user's row is the user's scores. */
const identity = Float32Array.from({ length: items * items }, (_, at) => (at % (items + 1) === 0 ? 1 : 0));

async function figuresOf({ scores, train, truth }: Board, ks: readonly number[]): Promise<Record<string, number>> {
  const tables = {
    user: f32Table(scores.length, items, Float32Array.from(scores.flat())),
    item: f32Table(items, items, identity),
  };
  const judgement = { train: matrix(train), seen: matrix(train), truth: matrix(truth) };
  const recommender = { query: "user", pool: "sum", items, tables } as const;
  const lists = await rankAll(await openSharedKernels(), recommender, judgement, Math.max(...ks), { places: true });
  const metrics = all.filter(({ needs }) => needs !== "tags");
  return evaluate(lists, judgement, catalogueOf(judgement.train), { ks, metrics, slices: [] }).metrics;
}

/** RecBole's names, in which its entropy in nats is divided by the number of distinct items. */
function asRecbole(name: string, ours: Readonly<Record<string, number>>): number {
  const k = name.split("@")[1];
  if (name.startsWith("averagepopularity")) return ours[`average-popularity@${k}`]!;
  if (name.startsWith("giniindex")) return ours[`gini@${k}`]!;
  if (name.startsWith("itemcoverage")) return ours[`coverage@${k}`]!;
  if (name.startsWith("shannonentropy"))
    return (ours[`entropy@${k}`]! * Math.LN2) / Math.round(ours[`coverage@${k}`]! * items);
  return ours[name]!;
}

test.each(boards)("$name: RecBole's values to 1e-6, Microsoft's to 1e-6", async (board) => {
  const ours = await figuresOf(board, [5, 10]);
  expect(Object.keys(board.recbole).length).toBeGreaterThanOrEqual(13);
  for (const [name, value] of Object.entries(board.recbole)) {
    expect([name, Math.abs(asRecbole(name, ours) - value) < 1e-6]).toEqual([name, true]);
  }
  for (const [name, value] of Object.entries(board.microsoft ?? {})) {
    expect([name, Math.abs(ours[name]! - value) < 1e-6]).toEqual([name, true]);
  }
});

test.each(boards)("$name: scikit-learn's values to 1e-9", async ({ sklearn, ...board }) => {
  const ours = await figuresOf({ ...board, sklearn }, [5, 10]);
  // average_precision_score divides by all relevant items, as ours does when no list is cut short of them.
  const whole = await figuresOf({ ...board, sklearn }, [items]);
  const values: Record<string, number> = { ...ours, map: whole[`map@${items}`]! };
  for (const [name, value] of Object.entries(sklearn)) {
    expect([name, Math.abs(values[name]! - value) < 1e-9]).toEqual([name, true]);
  }
});
