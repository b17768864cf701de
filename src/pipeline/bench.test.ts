// What a recipe may ask of the evaluation, on the smallest data that has it.

import { expect, test } from "vitest";
import type { Interactions } from "../data/interactions.ts";
import { wordsOf } from "../data/raw-table.ts";
import { benchOf } from "./bench.ts";
import { type EvaluateOptions, evaluateOptions } from "./evaluate-options.ts";
import type { Recipe } from "./recipe.ts";
import type { Surroundings } from "./surroundings.ts";

const matrix = (rows: readonly (readonly number[])[]): Interactions => ({
  ...{ users: rows.length, items: 4, indices: Int32Array.from(rows.flat()) },
  indptr: Int32Array.from([0, ...rows.map((_, u) => rows.slice(0, u + 1).flat().length)]),
  values: new Float32Array(rows.flat().length).fill(1),
});
const ids = { userIds: ["anna", "ben", "cleo"], itemIds: ["a", "b", "c", "d"] };
const parts = {
  ...{ ...ids, hash: "h", train: matrix([[0], [1], [2]]), validation: matrix([[], [], [3]]) },
  test: matrix([[1, 2], [], [0]]),
};
const itemFeatures = { n: 4, columns: new Map([["genres", wordsOf(["x|y", "y", null, "y"])]]) };
const files: Record<string, { user: string[]; item: string[] }> = {
  "c.csv": { user: ["anna", "anna"], item: ["d", "d"] },
};
const around = {
  read: { columns: async (path: string) => files[path]! },
  progress: { start: () => ({ step() {}, end() {} }), stop() {} },
} as unknown as Surroundings;

const bench = (given: Partial<EvaluateOptions>, features: object = { itemFeatures }) =>
  benchOf(features as never, parts, { evaluate: evaluateOptions.parse(given) } as Recipe, around);

test("by default: all metrics that the data permits, bands and cold users, the whole catalogue, who was left out", async () => {
  const [tagged, plain] = [await bench({}), await bench({}, {})];
  const names = ({ metrics }: typeof tagged) => metrics.map(({ name }) => name);
  expect(names(tagged).filter((name) => !names(plain).includes(name))).toEqual(["tag-calibration", "tag-diversity"]);
  expect(tagged.slices.map(({ name }) => name)).toEqual(["head", "mid", "tail", "cold"]);
  expect([tagged.candidates, tagged.catalogue.tags?.count]).toEqual([undefined, 2]);
  expect(tagged.leftOut).toEqual([{ what: "users without an item in the test part", count: 1 }]);
  expect(tagged.key).not.toBe(plain.key);
  expect((await bench({})).key).toBe(tagged.key);
});

test("tags and slices of a column that is not there are one error each", async () => {
  await expect(bench({ metrics: ["ndcg", "tag-diversity"] }, {})).rejects.toThrow(
    "evaluate.metrics: tag-diversity needs tags of the items, and the dataset has none",
  );
  await expect(bench({ tags: { column: "kinds", separator: "|" } })).rejects.toThrow(
    'evaluate.tags: the table has no column "kinds"; it has genres.',
  );
  const ages = evaluateOptions.parse({ slices: [{ of: "users", column: "age" }] });
  await expect(bench(ages)).rejects.toThrow("evaluate.slices[0]: the dataset knows nothing of its users");
});

test("slices of a column stand beside the usual ones", async () => {
  const { slices } = await bench(evaluateOptions.parse({ slices: [{ of: "items", column: "genres", top: 1 }] }));
  expect(slices.slice(4).map(({ name, member }) => [name, [...member]])).toEqual([["genres=y", [1, 1, 0, 1]]]);
});

test("candidates of a file or drawn replace the catalogue; users without any are judged no more", async () => {
  const listed = await bench(evaluateOptions.parse({ candidates: { file: "c.csv" } }));
  expect(listed.candidates).toMatchObject({ kind: "file", perUser: 3, added: 2 });
  expect(listed.leftOut.map(({ count }) => count)).toEqual([1, 1, 1]);
  expect([...listed.judgement.truth.indptr]).toEqual([0, 2, 2, 2]);
  const drawn = await bench(evaluateOptions.parse({ candidates: { negatives: 9, by: "popularity" } }));
  expect(drawn.candidates).toMatchObject({ kind: "popularity", added: 0 });
  expect(drawn.candidates!.fingerprint).not.toBe(listed.candidates!.fingerprint);
});

test("candidates are a file or drawn, not both", () => {
  for (const candidates of [{ negatives: 9, file: "c.csv" }, { seed: 1 }, {}]) {
    expect(() => evaluateOptions.parse({ candidates })).toThrow("must be a file: { file, user, item }, or drawn:");
  }
  expect(() => evaluateOptions.parse({ candidates: { negatives: 0 } })).toThrow("expected number to be >=1");
});
