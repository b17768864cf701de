import { expect, test } from "vitest";
import { createRng, type Rng } from "../../base/rng.ts";
import { type ClickMetricName, clickMetrics } from "../../data/click-metrics/index.ts";
import type { ClickMetric, Scored } from "../../data/click-metrics/metric.ts";
import { standardError } from "../../data/click-metrics/standard-error.ts";
import { decide, type Testing } from "./decide.ts";
import { rowsDrop, rowsLimit } from "./tested-rows.ts";

/** Rows of users with a taste of their own, and two scores of each: the truth, and the truth with `noise`. */
function scored(users: number, rowsEach: number, noise: number, rng: Rng, grouped = true): [Scored, Scored] {
  const n = users * rowsEach;
  const [label, good, bad] = [new Float32Array(n), new Float32Array(n), new Float32Array(n)];
  const group = Int32Array.from({ length: n }, (_, r) => Math.floor(r / rowsEach));
  const taste = Float64Array.from({ length: users }, () => 0.7 * rng.normal());
  for (let r = 0; r < n; r++) {
    const logit = taste[group[r]!]! + rng.normal() - 1;
    const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
    label[r] = rng.uniform() < sigmoid(logit) ? 1 : 0;
    good[r] = sigmoid(logit);
    bad[r] = sigmoid(logit + noise * rng.normal());
  }
  const both = { label, ...(grouped && { group }) };
  return [
    { ...both, score: good },
    { ...both, score: bad },
  ];
}
const testing = (test: "t" | "bootstrap", seed = "rows"): Testing => ({ test, alpha: 0.05, rng: createRng(seed) });
const all = Object.entries(clickMetrics) as [ClickMetricName, ClickMetric][];

test.each(all)("%s: the estimate is the difference, t and bootstrap agree, users are the units", (_, metric) => {
  const [good, bad] = scored(120, 8, 0.8, createRng("agree"));
  for (const relative of [false, true]) {
    const tested = rowsDrop(metric, good, bad, { relative, limit: 0.01 });
    const [t, bootstrap] = [decide(tested, testing("t")), decide(tested, testing("bootstrap"))];
    const [a, b] = [good, bad].map((rows) => metric.measure(rows));
    const far = (x: number) => (metric.better === "one" ? Math.abs(x - 1) : x);
    const drop = (metric.better === "high" ? 1 : -1) * (far(a!) - far(b!));
    expect(t.estimate).toBeCloseTo(relative ? drop / far(a!) : drop, 9);
    expect(t.units).toBe(120);
    // ECE's and calibration's distances from their best are no smooth functions near it
    if (metric.better === "one" || metric === clickMetrics.ece) continue;
    const width = t.interval[1] - t.interval[0];
    for (const side of [0, 1] as const) {
      expect(Math.abs(bootstrap.interval[side] - t.interval[side])).toBeLessThan(0.3 * width);
    }
  }
});

test("a limit's bounds are the metric's own standard error away", () => {
  const [good] = scored(200, 5, 0, createRng("limit"));
  const { value, rows } = clickMetrics.auc.influence(good);
  const { estimate, interval } = decide(rowsLimit(clickMetrics.auc, good, { side: "most", limit: 1 }), testing("t"));
  expect(estimate).toBeCloseTo(value, 9);
  // 1.65 = t of 199 degrees; skewness moves one end a little further
  expect(value - interval[0]).toBeGreaterThan(1.65 * standardError(rows, good.group));
  expect(value - interval[0]).toBeLessThan(1.8 * standardError(rows, good.group));
  const ece = rowsLimit(clickMetrics.ece, good, { side: "most", limit: 0.2 });
  expect(decide(ece, testing("t")).verdict).toBe("pass");
  expect(decide(ece, testing("bootstrap")).verdict).toBe("pass");
});

test("the same scores lose nothing, and rows without users are their own units", () => {
  const [good] = scored(100, 4, 0, createRng("same"), false);
  const { verdict, estimate, units } = decide(
    rowsDrop(clickMetrics.auc, good, good, { relative: true, limit: 0.05 }),
    testing("t"),
  );
  expect({ verdict, estimate, units }).toEqual({ verdict: "pass", estimate: 0, units: 400 });
});

// Binomial(300, .05): a deviation of .0126, two of them above α is .075.
test("at the margin AUC passes as rarely as stated", () => {
  const rng = createRng("margin");
  const drop = (rows: readonly Scored[]) => clickMetrics.auc.measure(rows[0]!) - clickMetrics.auc.measure(rows[1]!);
  const margin = drop(scored(20_000, 5, 1, rng));
  let passed = 0;
  for (let draw = 0; draw < 300; draw++) {
    const [good, bad] = scored(150, 5, 1, rng);
    const tested = rowsDrop(clickMetrics.auc, good, bad, { relative: false, limit: margin });
    if (decide(tested, testing("t")).verdict === "pass") passed++;
  }
  expect(passed / 300).toBeLessThan(0.075);
});
