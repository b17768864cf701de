import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRng } from "../../base/rng.ts";
import { auc, aucMetric } from "./auc.ts";
import { calibration } from "./calibration.ts";
import { ece } from "./ece.ts";
import { gauc } from "./gauc.ts";
import { clickMetrics } from "./index.ts";
import { logLoss as logLossMetric } from "./log-loss.ts";
import type { ClickMetric } from "./metric.ts";
import { standardError } from "./standard-error.ts";

const f32 = (values: Iterable<number>) => Float32Array.from(values);
const over =
  (metric: ClickMetric) =>
  (label: Float32Array, score: Float32Array): number =>
    metric.measure({ label, score });
const [logLoss, predictedOverObserved, calibrationError] = [over(logLossMetric), over(calibration), over(ece)];
const delong = (label: Float32Array, score: Float32Array) => standardError(aucMetric.influence({ label, score }).rows);
/** Twelve digits, or both NaN. */
function same(a: number, b: number): void {
  if (Number.isNaN(b)) expect(a).toBeNaN();
  else expect(a).toBeCloseTo(b, 12);
}

/** Few distinct scores, so that ties are common. */
const rows = fc
  .array(fc.record({ y: fc.constantFrom(0, 1), s: fc.integer({ min: 0, max: 8 }).map((s) => s / 8), g: fc.nat(3) }), {
    minLength: 1,
    maxLength: 40,
  })
  .map((all) => ({
    label: f32(all.map((r) => r.y)),
    score: f32(all.map((r) => r.s)),
    group: Int32Array.from(all, (r) => r.g),
  }));

/** [s_p > s_q] + ½ [s_p = s_q] of every pair of a click and a non-click. */
function pairs(label: Float32Array, score: Float32Array): number {
  let [sum, n] = [0, 0];
  for (let p = 0; p < label.length; p++) {
    for (let q = 0; q < label.length; q++) {
      if (label[p] !== 1 || label[q] !== 0) continue;
      n++;
      sum += score[p]! > score[q]! ? 1 : score[p] === score[q] ? 0.5 : 0;
    }
  }
  return sum / n;
}

describe("auc", () => {
  test("is the share of pairs in order", () => {
    fc.assert(fc.property(rows, ({ label, score }) => same(auc(label, score), pairs(label, score))));
  });
  test("does not change under what keeps the order, and becomes 1 - AUC under what turns it round", () => {
    fc.assert(
      fc.property(rows, ({ label, score }) => {
        const value = auc(label, score);
        expect(auc(label, f32(score.map((s) => Math.exp(3 * s) - 9)))).toEqual(value);
        const turned = auc(label, f32(score.map((s) => -s)));
        if (!Number.isNaN(value)) expect(turned).toBeCloseTo(1 - value, 12);
      }),
    );
  });
  test("is not defined for one class or a score that is NaN", () => {
    expect(auc(f32([1, 1]), f32([0, 1]))).toBeNaN();
    expect(auc(f32([1, 0]), f32([Number.NaN, 1]))).toBeNaN();
  });
  test("DeLong's error of a case worked by hand, and of a case against repeated draws", () => {
    // clicks .8 .4, others .5 .3: V10 = 1, ½; V01 = ½, 1; variances 1/8 each; √(1/16 + 1/16)
    expect(delong(f32([1, 1, 0, 0]), f32([0.8, 0.4, 0.5, 0.3]))).toBeCloseTo(Math.sqrt(1 / 8), 6);
    const rng = createRng("delong");
    const draws = Array.from({ length: 200 }, () => {
      const label = f32(Array.from({ length: 300 }, (_, r) => (r < 100 ? 1 : 0)));
      const score = f32(Array.from(label, (y) => rng.normal() + y));
      return { auc: auc(label, score), error: delong(label, score) };
    });
    const mean = draws.reduce((sum, d) => sum + d.auc, 0) / draws.length;
    const spread = Math.sqrt(draws.reduce((sum, d) => sum + (d.auc - mean) ** 2, 0) / (draws.length - 1));
    const told = draws.reduce((sum, d) => sum + d.error, 0) / draws.length;
    // The spread of 200 draws is itself uncertain by 1/√400 = 5 %; three of those.
    expect(Math.abs(told / spread - 1)).toBeLessThan(0.15);
  });
});

test("gauc is the mean of users' pair shares by impressions", () => {
  fc.assert(
    fc.property(rows, ({ label, score, group }) => {
      let [sum, weight, users] = [0, 0, 0];
      for (const g of new Set(group)) {
        const own = [...group.keys()].filter((r) => group[r] === g);
        const value = pairs(f32(own.map((r) => label[r]!)), f32(own.map((r) => score[r]!)));
        if (Number.isNaN(value)) continue;
        sum += value * own.length;
        weight += own.length;
        users++;
      }
      const found = gauc(label, score, group);
      same(found.gauc, sum / weight);
      expect(found.users + found.skipped).toBe(new Set(group).size);
      expect(found.users).toBe(users);
    }),
  );
  expect(gauc(f32([1, 0, 0]), f32([1, 0, 1]), Int32Array.of(2, 2, -1))).toMatchObject({
    gauc: 1,
    users: 1,
    skipped: 0,
  });
});

test("log loss: worked values, clipping, and no constant beats the observed rate", () => {
  expect(logLoss(f32([1, 0]), f32([0.5, 0.25]))).toBeCloseTo((Math.log(2) - Math.log(0.75)) / 2, 12);
  expect(logLoss(f32([1]), f32([0]))).toBeCloseTo(-Math.log(1e-7), 6);
  expect(logLoss(f32([0]), f32([1]))).toBeCloseTo(-Math.log(1e-7), 6);
  fc.assert(
    fc.property(rows, fc.float({ min: 0, max: 1, noNaN: true }), ({ label }, p) => {
      const rate = label.reduce((sum, y) => sum + y, 0) / label.length;
      const constant = (value: number) => logLoss(label, new Float32Array(label.length).fill(value));
      // float32 rounds the rate; what that costs is of second order
      expect(constant(p)).toBeGreaterThanOrEqual(constant(rate) - 1e-6);
    }),
  );
});

describe("calibration", () => {
  test("predicted over observed", () => {
    expect(predictedOverObserved(f32([1, 0, 0, 0]), f32([0.5, 0.5, 0.5, 0.5]))).toBe(2);
    expect(predictedOverObserved(f32([0]), f32([0.5]))).toBeNaN();
  });
  test("ten bins of ten rows each, worked out", () => {
    const label = f32(Array.from({ length: 100 }, (_, r) => (r % 10 < Math.floor(r / 10) ? 1 : 0)));
    const exact = f32(Array.from({ length: 100 }, (_, r) => Math.floor(r / 10) / 10));
    expect(calibrationError(label, exact)).toBeCloseTo(0, 6);
    const high = exact.map((p, r) => p + 0.05 + (r % 10) / 1e4);
    expect(calibrationError(label, high)).toBeCloseTo(0.05 + 0.00045, 6);
  });
  test("does not depend on the order of rows; one p is one bin; bounded by the gap of a row", () => {
    fc.assert(
      fc.property(rows, fc.integer(), ({ label, score }, seed) => {
        const value = calibrationError(label, score);
        expect(value >= 0 && value <= 1).toBe(true);
        const order = createRng(seed).shuffle(Array.from(label.keys()));
        expect(calibrationError(f32(order.map((r) => label[r]!)), f32(order.map((r) => score[r]!)))).toBe(value);
        const rate = label.reduce((sum, y) => sum + y, 0) / label.length;
        expect(calibrationError(label, new Float32Array(label.length).fill(0.25))).toBeCloseTo(
          Math.abs(rate - 0.25),
          6,
        );
        // |Σ gap| ≤ Σ |gap of a bin|
        expect(value).toBeGreaterThanOrEqual(Math.abs(score.reduce((s, p) => s + p, 0) / label.length - rate) - 1e-6);
      }),
    );
  });
  test("a score that is NaN makes it NaN", () => expect(calibrationError(f32([0, 1]), f32([Number.NaN, 1]))).toBeNaN());
});

test("every named metric measures; only gauc asks for groups", () => {
  const all = { label: f32([1, 0, 1, 0]), score: f32([0.9, 0.2, 0.6, 0.7]), group: Int32Array.of(0, 0, 1, 1) };
  const values = Object.entries(clickMetrics).map(([name, metric]) => [name, metric.measure(all)] as const);
  expect(Object.fromEntries(values)).toMatchObject({ auc: 0.75, gauc: 0.5, calibration: expect.closeTo(1.2, 6) });
  expect(values.every(([, value]) => Number.isFinite(value))).toBe(true);
  expect(clickMetrics.gauc.measure({ label: all.label, score: all.score })).toBeNaN();
});

test("resampled: once each is the value itself, and so are rows that are written out", () => {
  const counted = rows.chain((drawn) =>
    fc.tuple(fc.constant(drawn), fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 4, maxLength: 4 })),
  );
  fc.assert(
    fc.property(counted, ([drawn, ofGroup]) => {
      // users are what is drawn
      const count = Uint8Array.from(drawn.group, (g) => ofGroup[g]!);
      const again = [...count].flatMap((times, r) => new Array<number>(times).fill(r));
      const written = {
        label: f32(again.map((r) => drawn.label[r]!)),
        score: f32(again.map((r) => drawn.score[r]!)),
        group: Int32Array.from(again, (r) => drawn.group[r]!),
      };
      for (const [name, metric] of Object.entries(clickMetrics) as [string, ClickMetric][]) {
        const value = metric.resampled(drawn);
        const once = value(new Uint8Array(drawn.label.length).fill(1));
        const all = metric.measure(drawn);
        if (!Number.isNaN(all)) expect(once).toBeCloseTo(all, 9);
        // ECE holds its bins
        if (name === "ece") continue;
        const wanted = metric.measure(written);
        if (!Number.isNaN(wanted)) expect(value(count)).toBeCloseTo(wanted, 9);
      }
    }),
  );
});
