import { expect, test } from "vitest";
import { differences } from "./differences.ts";

test("equal values do not differ, whatever they are", () => {
  const value = { a: [1, { b: "x" }], c: null, d: true };
  expect(differences("run:", value, structuredClone(value))).toEqual([]);
  expect(differences("run:", { a: Number.NaN }, { a: null })).toEqual([]);
});

test("every place that differs is named, with by how much where both are numbers", () => {
  const claimed = { metrics: { "ndcg@20": 0.5, "hit@20": 1 }, gates: [{ verdict: "pass" }], slices: [] };
  const found = { metrics: { "ndcg@20": 0.25 }, gates: [{ verdict: "fail" }], slices: [{ name: "cold" }] };
  expect(differences("student:", claimed, found)).toEqual([
    { what: "student: metrics.ndcg@20", claimed: 0.5, found: 0.25, by: -0.25 },
    { what: "student: metrics.hit@20", claimed: 1, found: null },
    { what: "student: gates.0.verdict", claimed: "pass", found: "fail" },
    { what: "student: slices.0", claimed: null, found: '{"name":"cold"}' },
  ]);
});
