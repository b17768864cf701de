// What both fits promise: they rise, they mend what is off on rows they have not seen, and they stay put where nothing is.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UserError } from "../../base/errors.ts";
import { createRng } from "../../base/rng.ts";
import { measureClicks } from "../click-metrics/measure.ts";
import { calibrationFits } from "./index.ts";
import { type LogitMap, mapLogit, segmentsOf } from "./logit-map.ts";

const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));

/** Rows whose true logit is `truth` of what the model says. */
function drawn(n: number, truth: (z: number) => number, seed: string) {
  const rng = createRng(seed);
  const logits = Float32Array.from({ length: n }, () => 2 * rng.normal() - 1);
  return { logits, label: logits.map((z) => (rng.uniform() < sigmoid(truth(z)) ? 1 : 0)) };
}

const quality = ({ logits, label }: ReturnType<typeof drawn>, map: (z: number) => number) =>
  measureClicks({ label, score: logits.map((z) => sigmoid(map(z))) }, ["ece", "log-loss", "calibration"]).metrics;

describe.each(Object.entries(calibrationFits))("%s", (name, calibrate) => {
  test("mends a model that is sure of itself and too low, on rows it has not seen", () => {
    const truth = (z: number) => z / 2 + 0.5;
    const learnt = drawn(6000, truth, "learn");
    const map = mapLogit(calibrate(learnt.label, learnt.logits));
    const other = drawn(6000, truth, "other");
    const [before, after] = [quality(other, (z) => z), quality(other, map)];
    expect(before["ece"]).toBeGreaterThan(0.1);
    expect(after["ece"]).toBeLessThan(0.025);
    expect(after["log-loss"]).toBeLessThan(before["log-loss"]! - 0.03);
    expect(Math.abs(after["calibration"]! - 1)).toBeLessThan(0.03);
    expect(quality(learnt, map)["calibration"]).toBeCloseTo(1, 2);
  });

  test("leaves a model that is right nearly as it is", () => {
    const { label, logits } = drawn(8000, (z) => z, "right");
    const map = mapLogit(calibrate(label, logits));
    for (const z of [-4, -2, -1, 0, 1, 2]) expect(Math.abs(map(z) - z)).toBeLessThan(0.3);
  });

  test("rises, whatever the rows", () => {
    const row = fc.record({ z: fc.integer({ min: -30, max: 30 }).map((x) => x / 3), y: fc.constantFrom(0, 1) });
    fc.assert(
      fc.property(fc.array(row, { minLength: 2, maxLength: 60 }), (rows) => {
        const label = Float32Array.from(rows, ({ y }) => y);
        let found: LogitMap;
        try {
          found = calibrate(
            label,
            Float32Array.from(rows, ({ z }) => z),
          );
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
          return;
        }
        const values = Array.from({ length: 201 }, (_, at) => mapLogit(found)(at / 5 - 20));
        expect(values.every(Number.isFinite)).toBe(true);
        for (const [at, value] of values.entries()) if (at > 0) expect(value).toBeGreaterThan(values[at - 1]!);
      }),
    );
  });

  test("rows that can be parted, one label, and an order upside down", () => {
    const parted = calibrate(Float32Array.of(0, 0, 1, 1), Float32Array.of(-2, -1, 1, 2));
    expect(mapLogit(parted)(2) - mapLogit(parted)(-2)).toBeLessThan(20);
    expect(() => calibrate(Float32Array.of(1, 1), Float32Array.of(0, 1))).toThrow(
      "all of the 2 rows to calibrate on have label 1; give rows of both labels.",
    );
    const turned = () => calibrate(Float32Array.of(1, 1, 0, 0), Float32Array.of(-2, -1, 1, 2));
    expect(turned).toThrow(/scores do not rise with clicks.*train the model again/);
    expect(turned).toThrow(UserError);
  });

  test("mends logits of another scale", () => {
    const learnt = drawn(4000, (z) => 2 * z, "scale");
    const small = learnt.logits.map((z) => z / 50);
    const map = mapLogit(calibrate(learnt.label, small));
    for (const z of [-3, -1, 0, 1]) expect(Math.abs(map(z / 50) - 2 * z)).toBeLessThan(name === "platt" ? 0.4 : 1);
  });

  test("is the same for the same rows in another order", () => {
    const { label, logits } = drawn(500, (z) => 2 * z, name);
    const order = createRng("order").shuffle(Array.from(label.keys()));
    const again = calibrate(
      Float32Array.from(order, (r) => label[r]!),
      Float32Array.from(order, (r) => logits[r]!),
    );
    for (const z of [-3, 0, 2]) expect(mapLogit(again)(z)).toBeCloseTo(mapLogit(calibrate(label, logits))(z), 9);
  });
});

test("piecewise-linear bends where the truth does, with few knots", () => {
  const truth = (z: number) => (z < 0 ? z / 4 : 2 * z);
  const learnt = drawn(12_000, truth, "bent");
  const map = calibrationFits["piecewise-linear"](learnt.label, learnt.logits);
  const straight = calibrationFits.platt(learnt.label, learnt.logits);
  const other = drawn(12_000, truth, "bent again");
  expect(quality(other, mapLogit(map))["ece"]).toBeLessThan(0.5 * quality(other, mapLogit(straight))["ece"]!);
  if (map.method !== "piecewise-linear") throw new Error("another method");
  expect(map.from.length).toBeLessThanOrEqual(16);
  // Between knots the sum over segments is the line through them.
  const { segments } = segmentsOf(map);
  expect(segments.length).toBe(map.from.length - 1);
  for (const [k, z] of map.from.entries()) expect(mapLogit(map)(z)).toBeCloseTo(map.to[k]!, 9);
});
