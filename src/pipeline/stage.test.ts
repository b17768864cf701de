import fc from "fast-check";
import { expect, test } from "vitest";
import type { Recommender } from "../recommender/recommender.ts";
import { f32Table } from "../tables/table.ts";
import { decodeRecommender, encodeRecommender } from "./recommender-files.ts";
import { canonicalJson, stageKey } from "./stage.ts";

test("canonical JSON says the same of equal values and parses back", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const text = canonicalJson(value);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      expect(canonicalJson(Object.fromEntries(Object.entries(value).reverse()))).toBe(text);
    }),
  );
  expect(canonicalJson({ b: 1, a: undefined })).toBe('{"b":1}');
});

test("a key follows name, version, options and inputs, and nothing else", () => {
  const stage = { stage: "fit", version: 1, options: { a: 1 }, inputs: ["x"] };
  const key = stageKey(stage);
  expect(key).toMatch(/^[0-9a-f]{64}$/);
  expect(stageKey({ ...stage, label: "elsewhere" } as typeof stage)).toBe(key);
  for (const change of [{ stage: "lists" }, { version: 2 }, { options: { a: 2 } }, { inputs: ["y"] }, { inputs: [] }]) {
    expect(stageKey({ ...stage, ...change })).not.toBe(key);
  }
});

test("a recommender survives its files, nested tables too", () => {
  const inner = f32Table(1, 2, Float32Array.of(1, 2));
  const sparse = {
    encoding: "sparse",
    rows: 2,
    cols: 2,
    tensors: { positions: Uint8Array.of(1, 2, 3) },
    values: inner,
  };
  const recommender: Recommender = {
    ...{ query: "history", pool: "sqrt", items: 2 },
    tables: { history: sparse, bias: f32Table(1, 2, Float32Array.of(0.5, Number.NaN)) },
  };
  expect(decodeRecommender(encodeRecommender(recommender))).toEqual(recommender);
});
