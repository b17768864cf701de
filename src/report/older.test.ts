// What release 0.1 wrote, kept as it wrote it, is still drawn: what it did not measure is left out, nothing is made up.

import { readFileSync } from "node:fs";
import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { sampleClickResults } from "../../test/report/sample-click-results.ts";
import { sampleResults } from "../../test/report/sample-results.ts";
import { renderClickReport } from "./clicks/report.ts";
import type { ClickResults } from "./clicks/results.ts";
import { renderClickSummary } from "./clicks/summary.ts";
import { todaysClickResults, todaysResults } from "./older.ts";
import { renderReport } from "./report.ts";
import type { Results } from "./results.ts";
import { renderSummary } from "./summary.ts";

const read = (file: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../test/report/${file}`, import.meta.url), "utf8"));
const sections = (page: string) =>
  [...parseHTML(page).document.querySelectorAll("main section")].map((s) => s.getAttribute("aria-labelledby"));

test("a run of recommenders", () => {
  const results = todaysResults(read("first-release.json") as Results);
  const page = renderReport(results);
  expect(sections(page)).toEqual(["curve", "changes", "samples", "numbers", "made", "data", "reproduce"]);
  expect(page).not.toMatch(/NaN|undefined|Infinity/);
  const { document } = parseHTML(page);
  expect(document.querySelector("h1")!.textContent).toMatch(/^student-int8 keeps 103\.5\s% of the teacher's NDCG@20/);
  // 64,000,622 bytes of export and 64,002,906 to ship, as the file says.
  expect(document.querySelector("#numbers ~ details:nth-of-type(n) table")).not.toBeNull();
  expect(document.querySelector("section[aria-labelledby=numbers]")!.textContent).toMatch(/64\.0 MB.*64\.0 MB/s);
  expect(renderSummary(results)).toMatch(/student-int8 .* \d+ KB .* ms/);
});

test("a run of networks", () => {
  const results = todaysClickResults(read("first-release-clicks.json") as ClickResults);
  const page = renderClickReport(results);
  expect(sections(page)).toEqual(["curve", "numbers", "learning", "data", "reproduce"]);
  expect(page).not.toMatch(/NaN|undefined|Infinity/);
  expect(renderClickSummary(results)).toMatch(/deepfm .* ms .* ms/);
});

test("today's results stay as they are", () => {
  expect(todaysResults(sampleResults())).toEqual(sampleResults());
  expect(todaysClickResults(sampleClickResults())).toEqual(sampleClickResults());
});

test("what no release wrote is refused", () => {
  const results = sampleResults();
  for (const odd of [{}, { ...results.variants[0], name: 7 }, { ...results.variants[0], metrics: null }]) {
    const broken = { ...results, variants: [odd] } as unknown as Results;
    expect(() => todaysResults(broken)).toThrow("variants: one of them has no name, no metrics or no size");
  }
  const clicks = { ...sampleClickResults(), networks: [{}] } as unknown as ClickResults;
  expect(() => todaysClickResults(clicks)).toThrow("networks: one of them");
});
