import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { sampleClickResults } from "../../../test/report/sample-click-results.ts";
import { isBest } from "../numbers.ts";
import { clickMeasures } from "./measures.ts";
import { headline, renderClickReport } from "./report.ts";
import { renderClickSummary } from "./summary.ts";

const page = (results = sampleClickResults()) => parseHTML(renderClickReport(results)).document;

test("the page says who is best, and marks the best of each row", () => {
  const document = page();
  expect(document.querySelector("h1")!.textContent).toBe("dcnv2 reaches AUC 0.9800 in 1.81\u00a0MB.");
  const best = (label: string) => {
    const tables = [...document.querySelectorAll("#numbers ~ details table")];
    const heads = (table: Element) => [...table.querySelectorAll("thead th")].map((th) => th.textContent);
    const table = tables.find((one) => heads(one).includes(label))!;
    const column = heads(table).indexOf(label);
    return [...table.querySelectorAll("tbody tr")].map((tr) => tr.children[column]!.classList.contains("best"));
  };
  expect(best("AUC")).toEqual([false, false, true]);
  expect(best("Log loss")).toEqual([false, false, true]);
  expect(best("Raw")).toEqual([true, false, false]);
  // 1.02, 1.01, 1.00: the nearest to 1; equal table sizes have no best.
  expect(best("Predicted over observed")).toEqual([false, false, true]);
  expect(best("Of them in tables")).toEqual([false, false, false]);
});

test("both curves have a line and a kept epoch a network, and say so in words", () => {
  const figures = [...page().querySelectorAll("#learning ~ .curves figure svg")];
  expect(figures.map((svg) => svg.querySelector("title")!.textContent)).toEqual([
    "AUC, validation, by epoch",
    "Loss, train, by epoch",
  ]);
  for (const svg of figures) {
    expect(svg.querySelectorAll("circle").length).toBe(3);
    expect(svg.querySelector("desc")!.textContent).toMatch(/fm: .* at epoch 9, which was kept; deepfm/);
  }
});

test("metrics that are not defined, one epoch, and names from a file do no harm", () => {
  const results = sampleClickResults();
  const [first] = results.networks;
  const odd = { ...first!, metrics: {}, curve: [{ epoch: 1, loss: 0.5, metric: null }], kept: 1 };
  const hostile = { ...results, recipe: "<script>alert(1)</script>", networks: [odd] };
  expect(headline(hostile)).toBe("This run has measured nothing.");
  expect(renderClickReport(hostile)).not.toContain("<script>");
  expect(page(hostile).querySelectorAll("#learning ~ .curves figure").length).toBe(1);
});

test("a network without a metric is never its best", () => {
  const { networks, ...rest } = sampleClickResults();
  const without = [{ ...networks[2]!, metrics: {} }, networks[0]!, networks[1]!];
  const [auc] = clickMeasures({ ...rest, networks: without });
  expect(without.map((_, at) => isBest(auc!, without, at))).toEqual([false, false, true]);
});

test("the summary has a line a network and the parts", () => {
  const text = renderClickSummary(sampleClickResults());
  expect(text).toMatch(/deepfm +0\.9750 +0\.9650 +0\.1700 .* 10 of 12/);
  expect(text).toMatch(/Data: frappe, 202,025 rows to train, 57,722 to validate, 28,860 to test\.$/);
});

test("the summary counts what is left out and says what is not defined and what was calibrated", () => {
  const results = sampleClickResults();
  const [first, ...others] = results.networks;
  const before = { metrics: { ece: 0.07 }, standardError: {}, leftOut: {}, notDefined: {}, calibration: [] };
  const repaired = {
    ...first!,
    metrics: { ...first!.metrics, ece: 0.0035 },
    repair: { method: "platt" as const, before, newTies: 2 },
    ...{ slicesLeftOut: { "slices of city that are too small or too many": 3 }, notDefined: { recall: "a click" } },
  };
  const text = renderClickSummary({ ...results, networks: [repaired, ...others] });
  expect(text).toContain("Calibrated on validation: fm (platt, ECE 0.0700 to 0.0035).");
  expect(text).toContain("Left out: 12 users with one class, 3 slices of city that are too small or too many.");
  expect(text).toContain("Not defined here: Recall needs a click.");
});

test("a repair shows the curve and the metrics before it", () => {
  const results = sampleClickResults();
  const [first, ...others] = results.networks;
  const before = {
    ...{ metrics: { ece: 0.07 }, standardError: {}, leftOut: {}, notDefined: {} },
    calibration: [{ rows: 100, predicted: 0.9, observed: 0.5, low: 0.4, high: 0.6 }],
  };
  const repaired = { ...first!, repair: { method: "platt" as const, before, newTies: 2 } };
  const document = page({ ...results, networks: [repaired, ...others] });
  const curves = [...document.querySelectorAll("section[aria-labelledby=calibration] .curves svg")];
  expect(curves.map((svg) => /Before the repair: 90\.0 % predicted, 50\.0 % clicked/.test(svg.textContent!))).toEqual([
    ...[true, false, false],
  ]);
  const table = document.querySelector("section[aria-labelledby=calibration] table")!;
  expect(table.textContent).toContain("fmplatt0.0700 →–2");
});

test("with gates the pick passes them all, though another reaches more", () => {
  const results = sampleClickResults();
  const gate = (verdict: "pass" | "fail") => [
    { ...{ gate: "ECE at most 0.01", verdict, words: "ECE is what it is." }, estimate: 0.01, limit: 0.01 },
  ];
  const judged = results.networks.map((n) => ({ ...n, gates: gate(n.name === "dcnv2" ? "fail" : "pass") }));
  const document = page({ ...results, networks: judged });
  expect(document.querySelector("h1")!.textContent).toMatch(/^deepfm passes its gate and reaches AUC 0\.9750/);
  expect(document.querySelector("section[aria-labelledby=verdicts] p")!.textContent).toMatch(/^2 of 3 pass every gate/);
  expect(document.querySelector("#curve ~ figure desc")!.textContent).toMatch(/dcnv2: [^;]*does not pass every gate/);
  const none = { ...results, networks: results.networks.map((n) => ({ ...n, gates: gate("fail") })) };
  expect(headline(none)).toMatch(/^No network passes its gate; the best, dcnv2, reaches AUC/);
});
