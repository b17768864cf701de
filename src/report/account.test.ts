// What a run ranked and left out is said wherever its figures are.

import { expect, test } from "vitest";
import { sampleResults } from "../../test/report/sample-results.ts";
import { renderReport } from "./report.ts";
import { renderSummary } from "./summary.ts";

const candidates = { kind: "popularity", perUser: 502.4, fingerprint: "c0ffee", added: 0 } as const;
const leftOut = [{ what: "users without an item in the test part", count: 1234 }];

test("full ranking is said to be that, and nothing is sampled", () => {
  const page = renderReport(sampleResults());
  expect(page).toContain("Full ranking over the whole catalogue");
  expect(`${page}${renderSummary(sampleResults())}`).not.toMatch(/sampled/i);
});

test("sampled figures are marked in the headline, in every head and with their fingerprint", () => {
  const results = { ...sampleResults(), candidates, leftOut };
  const [page, text] = [renderReport(results), renderSummary(results)];
  expect(text).toMatch(/of the teacher's sampled NDCG@20/);
  expect(text).toMatch(/^ +sampled NDCG@20/m);
  const lines = [
    "Left out: 1,234 users without an item in the test part.",
    "Sampled: ranked among 502 candidates a user drawn by popularity, not the whole catalogue; their fingerprint is c0ffee.",
  ];
  for (const line of lines) for (const shown of [page, text]) expect(shown).toContain(line);
  expect(page).not.toContain("Full ranking");
  expect(page).toContain("Ranking quality among sampled candidates, first 20");
});
