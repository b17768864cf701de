// What rows may do to a measurement: be wrong, be too few, or belong to few users.

import { expect, test } from "vitest";
import { UserError } from "../../base/errors.ts";
import { createRng } from "../../base/rng.ts";
import { calibrationCurve, ece } from "./ece.ts";
import { type ClickMetricName, clickMetrics } from "./index.ts";
import { measureClicks } from "./measure.ts";
import { standardError } from "./standard-error.ts";
import { takeScored } from "./take-scored.ts";

const f32 = (...values: number[]) => Float32Array.from(values);
const names = Object.keys(clickMetrics) as ClickMetricName[];

test.each([
  [{ label: f32(0, 1), score: f32(0.5) }, "2 labels have 1 scores; give one of each a row."],
  [{ label: f32(0, 1), score: f32(0.5, 0.1), group: Int32Array.of(1) }, "2 labels have 2 scores and 1 users"],
  [{ label: f32(0, 1), score: f32(0.5, Number.NaN) }, /row 2: the score must be a probability, 0 to 1, got NaN; leave/],
  [{ label: f32(0, 1), score: f32(-3, 0.5) }, /row 1: .* got -3; give probabilities, not logits/],
  [{ label: f32(0, 5), score: f32(0.1, 0.5) }, "row 2: the label must be 0 or 1, got 5; correct it."],
  [{ label: f32(Number.NaN), score: f32(0.1) }, "row 1: the label must be 0 or 1, got NaN"],
])("%j is refused in one sentence", (rows, message) => {
  expect(() => measureClicks(rows, names)).toThrow(message);
  expect(() => measureClicks(rows, names)).toThrow(UserError);
});

test("what is not defined is named with what it needs, never NaN", () => {
  const none = measureClicks({ label: f32(0, 0), score: f32(0.1, 0.4), group: Int32Array.of(0, -1) }, names);
  expect(none.notDefined).toEqual({
    auc: "clicks and others",
    gauc: "a user with clicks and others",
    calibration: "a click",
    precision: "a row that reaches the threshold",
    recall: "a click",
    f1: "a click, or a row that reaches the threshold",
  });
  expect(none.leftOut).toEqual({ "users with one class": 1, "rows without a user": 1 });
  expect([...Object.values(none.metrics), ...Object.values(none.standardError)].every(Number.isFinite)).toBe(true);
  const empty = measureClicks({ label: f32(), score: f32() }, names);
  expect([empty.metrics, empty.standardError]).toEqual([{}, {}]);
  const one = measureClicks({ label: f32(1), score: f32(0.7) }, names);
  expect(one.metrics).toMatchObject({ accuracy: 1, precision: 1, recall: 1, f1: 1 });
  expect(one.standardError).toEqual({});
});

test("a score at the threshold is taken for a click, in float32 too", () => {
  const rows = { label: f32(1, 0), score: f32(0.3, 0.29) };
  expect(measureClicks(rows, ["accuracy"], { threshold: 0.3 }).metrics).toEqual({ accuracy: 1 });
});

test("errors over users cover what redrawing users does, where errors over rows do not", () => {
  const rng = createRng("users");
  const [users, each] = [60, 12];
  const wanted = ["auc", "f1", "log-loss", "ece"] as const;
  const drawn = () => {
    const label = new Float32Array(users * each);
    const [score, group] = [new Float32Array(users * each), new Int32Array(users * each)];
    for (let u = 0; u < users; u++) {
      const taste = 1.5 * rng.normal();
      for (let r = u * each; r < (u + 1) * each; r++) {
        const z = rng.normal();
        group[r] = u;
        label[r] = rng.uniform() < 1 / (1 + Math.exp(-z - taste)) ? 1 : 0;
        score[r] = 1 / (1 + Math.exp(-z - 0.8));
      }
    }
    return { label, score, group };
  };
  const draws = Array.from({ length: 150 }, drawn);
  for (const name of wanted) {
    const found = draws.map((rows) => clickMetrics[name].influence(rows));
    const values = found.map(({ value }) => value);
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const spread = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (values.length - 1));
    const told = (error: (at: number) => number) => draws.reduce((sum, _, at) => sum + error(at), 0) / draws.length;
    const overUsers = told((at) => standardError(found[at]!.rows, draws[at]!.group));
    // The spread of 150 draws is uncertain by 1/√300 = 6 %; three of those.
    expect(Math.abs(overUsers / spread - 1), name).toBeLessThan(0.18);
    if (name === "log-loss") expect(told((at) => standardError(found[at]!.rows)) / spread).toBeLessThan(0.75);
  }
});

test("the curve's bins hold all rows, rise, and add up to the ECE; intervals are Wilson's", () => {
  const rng = createRng("curve");
  const score = Float32Array.from({ length: 1000 }, () => Math.round(rng.uniform() * 40) / 40);
  const rows = { score, label: score.map((p) => (rng.uniform() < p * p ? 1 : 0)) };
  const curve = calibrationCurve(rows);
  expect(curve.length).toBeLessThanOrEqual(10);
  expect(curve.reduce((sum, bin) => sum + bin.rows, 0)).toBe(1000);
  const gaps = curve.reduce((sum, bin) => sum + (bin.rows / 1000) * Math.abs(bin.predicted - bin.observed), 0);
  expect(gaps).toBeCloseTo(ece.measure(rows), 12);
  for (const [b, bin] of curve.entries()) {
    if (b > 0) expect(bin.predicted).toBeGreaterThan(curve[b - 1]!.predicted);
    expect(bin.low <= bin.observed && bin.observed <= bin.high).toBe(true);
  }
  // 3 of 10: Wilson's 95 % interval is .1078 to .6032 (Brown, Cai & DasGupta 2001).
  const [bin] = calibrationCurve({ label: f32(1, 1, 1, 0, 0, 0, 0, 0, 0, 0), score: new Float32Array(10).fill(0.5) });
  expect([bin!.low, bin!.high]).toEqual([expect.closeTo(0.1078, 4), expect.closeTo(0.6032, 4)]);
});

test("rows are taken with their users, twice where named twice", () => {
  const rows = { label: f32(0, 1), score: f32(0.25, 0.75), group: Int32Array.of(4, 5) };
  expect(takeScored(rows, Uint32Array.of(1, 1))).toEqual({
    ...{ label: f32(1, 1), score: f32(0.75, 0.75), group: Int32Array.of(5, 5) },
  });
});
