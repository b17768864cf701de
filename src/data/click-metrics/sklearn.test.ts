// The same numbers as scikit-learn, and as a second author's numpy where it has none, from fixtures made once
// (test/fixtures/click-metrics/make.py).

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { platt } from "../click-calibration/platt.ts";
import { pooled } from "../click-calibration/pool.ts";
import { type ClickMetricName, clickMetrics } from "./index.ts";
import { measureClicks } from "./measure.ts";
import { standardError } from "./standard-error.ts";

interface Case {
  name: string;
  threshold: number;
  label: number[];
  score: number[];
  group: number[];
  metrics: Record<ClickMetricName, number>;
  errorOverRows: Record<ClickMetricName, number>;
  errorOverUsers: Record<ClickMetricName, number>;
  usersOfOneClass: number;
  platt: [number, number];
  isotonic: number[];
}
const cases = JSON.parse(readFileSync("test/fixtures/click-metrics/cases.json", "utf8")) as Case[];
const names = Object.keys(clickMetrics) as ClickMetricName[];
const worst = (a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>) =>
  Math.max(...names.map((name) => Math.abs(a[name]! - b[name]!)));

describe.each(cases)("$name", (one) => {
  const rows = {
    ...{ label: Float32Array.from(one.label), score: Float32Array.from(one.score), group: Int32Array.from(one.group) },
  };
  const { threshold } = one;

  test("metrics and their errors over users to 1e-9, and what is left out", () => {
    const found = measureClicks(rows, names, { threshold });
    expect(Object.keys(found.metrics)).toEqual(names);
    expect(worst(found.metrics, one.metrics)).toBeLessThan(1e-9);
    expect(worst(found.standardError, one.errorOverUsers)).toBeLessThan(1e-9);
    expect(found.leftOut["users with one class"] ?? 0).toBe(one.usersOfOneClass);
    expect(found.leftOut["rows without a user"]).toBe(one.group.filter((g) => g < 0).length);
  });

  test("what training stops on is the same number, errors over rows to 1e-9", () => {
    for (const name of names) {
      expect(clickMetrics[name].measure(rows, { threshold })).toBe(
        clickMetrics[name].influence(rows, { threshold }).value,
      );
    }
    const errors = names.map((name) => [name, standardError(clickMetrics[name].influence(rows, { threshold }).rows)]);
    expect(worst(Object.fromEntries(errors), one.errorOverRows)).toBeLessThan(1e-9);
  });

  test("Platt's likelihood has its maximum where BFGS finds it, blocks are isotonic regression's", () => {
    const logits = rows.score.map((p) => Math.log(p) - Math.log1p(-p));
    const { slope, offset } = platt(rows.label, logits);
    // The logits are rounded to float32 here.
    expect(slope).toBeCloseTo(one.platt[0], 6);
    expect(offset).toBeCloseTo(one.platt[1], 6);
    const order = [...logits.keys()].sort((a, b) => logits[a]! - logits[b]! || a - b);
    const z = Float64Array.from(order, (r) => logits[r]!);
    const blocks = pooled(
      z,
      Float64Array.from(order, (r) => one.label[r]!),
    );
    for (const { from, end, clicks } of blocks) {
      for (const r of order.slice(from, end)) expect(clicks / (end - from)).toBeCloseTo(one.isotonic[r]!, 9);
    }
  });
});
