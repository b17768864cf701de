// The top 100 of factor teachers, kept on disk in shards, then read back as a second run reads them: seconds, and the most
// memory that the process had. One has Gowalla's size, one 1 M users.

import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRng } from "../src/base/rng.ts";
import type { Interactions } from "../src/data/interactions.ts";
import { openStore } from "../src/node/store.ts";
import { openKernels } from "../src/node/threads.ts";
import { teacherLists } from "../src/pipeline/teacher-lists.ts";
import type { Recommender } from "../src/recommender/recommender.ts";
import { f32Table } from "../src/tables/table.ts";
import type { Figures, QualityContext } from "./case.ts";

interface Shape {
  readonly name: string;
  readonly users: number;
  readonly items: number;
  readonly d: number;
  /** Items that each user took. */
  readonly taken: number;
}

const shapes: readonly Shape[] = [
  { name: "Gowalla", users: 29_858, items: 40_981, d: 64, taken: 27 },
  { name: "1 M users", users: 1_000_000, items: 20_000, d: 16, taken: 20 },
];
const TOP = 100;

export async function measure(context: QualityContext): Promise<Figures> {
  const figures: Figures[] = [{ "before, GB": peak() }];
  for (const shape of shapes) figures.push(await measureShape(shape, context));
  return Object.assign({}, ...figures);
}

async function measureShape({ name, users, items, d, taken }: Shape, { note }: QualityContext) {
  const rng = createRng("teacher lists");
  const uniform = (n: number) => Float32Array.from({ length: n }, () => rng.uniform() - 0.5);
  const recommender: Recommender = {
    ...{ query: "user" as const, pool: "sum" as const, items },
    tables: { user: f32Table(users, d, uniform(users * d)), item: f32Table(items, d, uniform(items * d)) },
  };
  // Ascending and unique: one item of each stretch of the catalogue.
  const stretch = Math.floor(items / taken);
  const train: Interactions = {
    ...{ users, items, values: new Float32Array(users * taken).fill(1) },
    indptr: Int32Array.from({ length: users + 1 }, (_, u) => u * taken),
    indices: Int32Array.from({ length: users * taken }, (_, e) => (e % taken) * stretch + rng.below(stretch)),
  };
  const folder = await mkdtemp(join(tmpdir(), "distilrec-lists-"));
  const kernels = await openKernels();
  const store = await openStore(folder);
  const progress = { start: (label: string) => ({ step() {}, end: () => note(`${name}: ${label}`) }), stop() {} };
  const figures: Record<string, number> = {};
  try {
    for (const pass of ["made", "kept"]) {
      const began = performance.now();
      await teacherLists({ key: "bench", recommender }, { train, hash: "bench" }, TOP, { store, progress, kernels });
      figures[`${name}: ${pass}, s`] = Number(((performance.now() - began) / 1e3).toFixed(1));
      figures[`${name}: ${pass}, peak GB`] = peak();
    }
  } finally {
    await store.close();
    await kernels.close();
    await rm(folder, { recursive: true, force: true });
  }
  return figures;
}

const peak = () =>
  Number((Number(/VmHWM:\s*(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1]) / 2 ** 20).toFixed(2));
