import { expect, test } from "vitest";
import { manyResults, sampleResults } from "../../test/report/sample-results.ts";
import { renderSummary } from "./summary.ts";

const results = sampleResults();

test("the headline, one line a variant and where the events went, and no control characters", () => {
  const text = renderSummary(results);
  const drops = results.dataset.dropped.filter(({ dropped }) => dropped > 0);
  const open = results.variants.flatMap(({ gates = [] }) => gates).filter(({ verdict }) => verdict !== "pass").length;
  expect(open).toBeLessThan(13);
  expect(text.split("\n").length).toBe(3 + results.variants.length + 1 + open + 1 + drops.length + 1);
  expect(text).toContain("Dropped 8,110 (bots): 3 users rated more than 500 films in a day.");
  expect(text).toMatch(/601,412 interactions: 481,130 to train, 120,282 to test\.$/);
  expect(text).toMatch(/student-int4 +0\.1954 +0\.2775 +100\.2 % +pass +85\.2 % +96\.5 KB/);
  expect(text).toMatch(/student-codebook .* 1 fail, 1 undecided/);
  const [first] = results.variants;
  expect(renderSummary({ ...results, variants: [{ ...first!, name: "a\u001b[31mb" }] })).not.toContain("\u001b");
});

test("the table has at most 100 characters a line; the verdict, the metric and the size stay", () => {
  const long = manyResults(12, 1).variants.map((v) => ({ ...v, name: `${v.name}-${"x".repeat(90)}` }));
  const table = renderSummary({ ...results, variants: long })
    .split("\n\n")[1]!
    .split("\n");
  for (const line of table) expect(line.length).toBeLessThanOrEqual(100);
  expect(table[0]).toMatch(/NDCG@20 .* gates .* raw/);
  expect(table[1]).toMatch(/x{10}…/);
});

test("without gates and fidelity there are no columns for them", () => {
  const variants = results.variants.map(({ gates, fidelity, ...v }) => v);
  expect(renderSummary({ ...results, variants })).toMatch(/\n +NDCG@20 +Recall@20 +of teacher +raw +brotli +p50\n/);
});

test("interactions that no part holds are told", () => {
  const some = { ...results, split: { ...results.split, train: 481_000 } };
  expect(renderSummary(some)).toMatch(/130 in no part \(repeats/);
});
