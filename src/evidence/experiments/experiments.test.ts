// Tests keep their rates: false positives of differences, ratios and repeated looks are simulated, and so is how often
// intervals hold a difference that is there.

import { describe, expect, test } from "vitest";
import { tableOf } from "../../../test/raw-table.ts";
import { createRng, type Rng } from "../../base/rng.ts";
import { sampleOf, welch } from "../../stats/welch.ts";
import { compareVariants } from "./compare.ts";
import { type Measure, samplesOf } from "./measure.ts";
import { mismatch } from "./mismatch.ts";
import { alwaysValid } from "./sequential.ts";
import { columnsOf, measuresOf, parseMeasure } from "./specs.ts";
import { readUnits } from "./units.ts";

/** Users with their own rate, who see some pages and click some: clicks of one user depend on each other. */
function visits(n: number, rng: Rng) {
  const impressions = Float64Array.from({ length: n }, () => 1 + rng.below(20));
  const clicks = impressions.map((pages) => {
    const rate = 0.1 + 0.4 * rng.uniform() ** 3;
    let sum = 0;
    for (let page = 0; page < pages; page++) if (rng.uniform() < rate) sum++;
    return sum;
  });
  return { impressions, clicks };
}
const halves = (n: number, rng: Rng) => Int32Array.from({ length: n }, () => rng.below(2));
const testOf = (measure: Measure, variant: Int32Array) => {
  const [a, b] = samplesOf(measure, variant, 2);
  return welch(b!, a!, 0.95);
};

describe("two equal variants differ as rarely as stated", () => {
  // Of 1000 at 5 %: 50, with a standard deviation of 7.
  test("means, and ratios of which one user gives many", () => {
    let [mean, ratio, naive] = [0, 0, 0];
    for (let seed = 0; seed < 1000; seed++) {
      const rng = createRng(`aa ${seed}`);
      const { impressions, clicks } = visits(200, rng);
      const variant = halves(200, rng);
      if (testOf({ name: "clicks", value: clicks }, variant).p < 0.05) mean++;
      if (testOf({ name: "ctr", value: clicks, beneath: impressions }, variant).p < 0.05) ratio++;
      // What treats every impression as independent.
      const total = (of: Float64Array, v: number) => of.reduce((sum, x, u) => sum + (variant[u] === v ? x : 0), 0);
      const [a, b] = [0, 1].map((v) => {
        const [n, p] = [total(impressions, v), total(clicks, v) / total(impressions, v)];
        return { n, mean: p, variance: p * (1 - p) };
      });
      if (welch(a!, b!, 0.95).p < 0.05) naive++;
    }
    expect(mean).toBeGreaterThan(28);
    expect(mean).toBeLessThan(72);
    expect(ratio).toBeGreaterThan(28);
    expect(ratio).toBeLessThan(72);
    expect(naive).toBeGreaterThan(100);
  });

  test("looked at twenty times, where a test that is made for one look cries wolf", () => {
    let [anytime, fixed] = [0, 0];
    for (let seed = 0; seed < 500; seed++) {
      const rng = createRng(`looks ${seed}`);
      const values: [number[], number[]] = [[], []];
      let [cried, held] = [false, true];
      for (let look = 0; look < 20; look++) {
        for (let user = 0; user < 100; user++) values[user & 1]!.push(rng.uniform() ** 2);
        const { difference, standardError, p } = welch(sampleOf(values[0]), sampleOf(values[1]), 0.95);
        cried ||= p < 0.05;
        held &&= alwaysValid(difference, standardError ** 2, 0.03, 0.95).p >= 0.05;
      }
      if (cried) fixed++;
      if (!held) anytime++;
    }
    // At most 25 are allowed, three standard deviations are 15; the one look's test is above 100.
    expect(anytime).toBeLessThan(40);
    expect(fixed).toBeGreaterThan(100);
  });

  test("a division by chance is hardly ever called wrong, a wrong one is", () => {
    let alarms = 0;
    for (let seed = 0; seed < 2000; seed++) {
      const rng = createRng(`srm ${seed}`);
      const first = halves(1000, rng).reduce((sum, v) => sum + v, 0);
      if (mismatch([first, 1000 - first], [0.5, 0.5], "they are").refused) alarms++;
    }
    expect(alarms).toBeLessThan(6);
    expect(mismatch([5300, 4700], [0.5, 0.5], "they are").refused).toMatch(/^they are 53\.00 % : 47\.00 %, not 50/);
    expect(mismatch([900, 100], [0.9, 0.1], "they are")).toEqual({ p: 1 });
    expect(mismatch([0, 0], [0.5, 0.5], "they are")).toEqual({ p: 1 });
  });
});

test("what users brought with them is taken out, and the interval still holds the difference", () => {
  let [held, removed] = [0, 0];
  for (let seed = 0; seed < 300; seed++) {
    const rng = createRng(`cuped ${seed}`);
    const before = Float64Array.from({ length: 200 }, () => rng.normal());
    const variant = halves(200, rng);
    // Correlation .8 with the past: .64 of the variance can go. Every tenth user is new.
    const value = before.map((x, u) => 0.8 * x + 0.6 * rng.normal() + (variant[u] === 1 ? 0.3 : 0));
    const past = before.map((x, u) => (u % 10 === 0 ? Number.NaN : x));
    const { interval, standardError } = testOf({ name: "x", value, before: past }, variant);
    if (interval[0] <= 0.3 && 0.3 <= interval[1]) held++;
    removed += 1 - (standardError / testOf({ name: "x", value }, variant).standardError) ** 2;
  }
  expect(held / 300).toBeGreaterThan(0.91);
  expect(removed / 300).toBeGreaterThan(0.5);
  expect(removed / 300).toBeLessThan(0.64);
});

test("an interval that is always valid is the wider, and narrows to nothing", () => {
  const at = (variance: number) => alwaysValid(0.1, variance, 0.05, 0.95);
  const { interval, p } = at(1e-4);
  expect(interval[1] - interval[0]).toBeGreaterThan(2 * 1.96 * 1e-2);
  expect(p).toBeLessThan(0.05);
  expect(interval[0]).toBeGreaterThan(0);
  expect(at(1).p).toBe(1);
  expect(at(1e-10).interval[1] - 0.1).toBeLessThan(1e-3);
  // Λ is the likelihood ratio of d, averaged over differences of N(0, τ²): summed here on a grid.
  const [d, v, tau] = [0.07, 4e-4, 0.05];
  let mixed = 0;
  for (let z = -8; z <= 8; z += 1e-3) {
    const theta = tau * z;
    mixed += (Math.exp((d * theta - theta ** 2 / 2) / v - z ** 2 / 2) / Math.sqrt(2 * Math.PI)) * 1e-3;
  }
  expect(alwaysValid(d, v, tau, 0.95).p * mixed).toBeCloseTo(1, 6);
  // p < α exactly where the interval leaves 0 out.
  for (const v of [1e-3, 9e-4, 8e-4, 7e-4, 6e-4, 5e-4]) expect(at(v).p < 0.05).toBe(at(v).interval[0] > 0);
});

describe("from a table", () => {
  const read = (columns: Parameters<typeof tableOf>[0], texts: string[]) => {
    const specs = texts.map(parseMeasure);
    const units = readUnits(tableOf(columns), "e.csv", columnsOf(specs).needed);
    return { units, measures: measuresOf(units, specs, "e.csv") };
  };
  const people = (n: number) => Array.from({ length: n }, (_, u) => `u${u}`);

  test("rows of one user add up; users of two variants, repeated ids and empty cells are left out and counted", () => {
    const { units, measures } = read(
      {
        user: ["a", "a", "b", "c", "c", "d", "d", "e"],
        variant: ["new", "new", "old", "old", "new", "new", "new", "old"],
        clicks: [1, 2, 5, 1, 1, 7, 7, Number.NaN],
        id: ["1", "2", "3", "4", "5", "6", "6", "7"],
      },
      ["clicks"],
    );
    expect(units.variants).toEqual(["new", "old"]);
    expect([...measures[0]!.value]).toEqual([3, 5, 2, 7]);
    expect([...units.variant]).toEqual([0, 1, -1, 0]);
    expect(units.excluded).toEqual([
      { why: "an id that came before", rows: 1 },
      { why: "no clicks", rows: 1 },
      { why: "a user who is in several variants", rows: 2 },
    ]);
  });

  test("differences come in the measure's unit and as a share of the control's mean", () => {
    const rng = createRng("table");
    const n = 400;
    const clicks = Array.from({ length: n }, (_, u) => rng.below(5) + (u % 2));
    const { units, measures } = read(
      {
        user: people(n),
        variant: people(n).map((_, u) => (u % 2 ? "b" : "a")),
        clicks,
        pages: clicks.map((x) => x + 4),
      },
      ["clicks", "clicks/pages"],
    );
    const found = compareVariants(units, measures, { level: 0.95, expected: { clicks: 0.5 } });
    expect(found).toMatchObject({ control: "a", users: { a: 200, b: 200 }, mismatch: { p: 1 } });
    const [mean, ratio] = found.measures.map((m) => m.differences[0]!);
    expect(mean!.difference).toBeGreaterThan(0.7);
    expect(mean!.relative).toBeCloseTo(mean!.difference! / found.measures[0]!.variants[0]!.mean!, 12);
    expect(mean!.p).toBeLessThan(1e-4);
    expect(mean!.anytime!.p).toBeLessThan(1e-2);
    expect(ratio).not.toHaveProperty("anytime");
    expect(ratio!.interval![0]).toBeGreaterThan(0);
  });

  test("nothing is told of users who are not divided as planned, of few users, of nothing to divide by", () => {
    const n = 300;
    const lopsided = people(n).map((_, u) => (u % 3 ? "b" : "a"));
    const { units, measures } = read({ user: people(n), variant: lopsided, x: people(n).map((_, u) => u % 7) }, ["x"]);
    const refused = (options: object) =>
      compareVariants(units, measures, { level: 0.95, ...options }).measures[0]!.differences[0]!.refused;
    expect(refused({})).toMatch(/33\.33 % : 66\.67 %, not 50\.00 % : 50\.00 %/);
    expect(refused({ planned: { a: 1 / 3, b: 2 / 3 } })).toBeUndefined();

    const small = read(
      { user: people(50), variant: people(50).map((_, u) => (u % 2 ? "b" : "a")), x: people(50).map(() => 1) },
      ["x"],
    );
    expect(compareVariants(small.units, small.measures, { level: 0.9 }).measures[0]!.differences[0]!.refused).toBe(
      "b has 25 users with a value; at least 30 are needed.",
    );
    const none = read(
      {
        user: people(100),
        variant: people(100).map((_, u) => (u % 2 ? "b" : "a")),
        x: people(100).map(() => 0),
        y: people(100).map(() => 0),
      },
      ["x/y"],
    );
    expect(compareVariants(none.units, none.measures, { level: 0.9 }).measures[0]!.differences[0]!.refused).toMatch(
      /nothing to divide by/,
    );
  });

  test("mistakes are sentences", () => {
    const columns = {
      user: people(4),
      variant: ["a", "b", "a", "b"],
      x: [1, 2, 3, 4],
      y: [1, -1, 1, -3],
      z: [NaN, NaN, NaN, NaN],
    };
    expect(() => read({ ...columns, variant: ["a", "a", "a", "a"] }, ["x"])).toThrow(
      /e\.csv: variant is "a" in every row/,
    );
    expect(() => read({ ...columns, variant: people(4), user: people(4) }, ["x"]).units.variants.length).not.toThrow();
    expect(() => read(columns, ["x/y"])).toThrow(/y is negative/);
    expect(() => read(columns, ["x~z"])).toThrow(/z is empty for every user; write x alone/);
    expect(() => read(columns, ["x/y/z"])).toThrow(/write clicks, clicks\/impressions or/);
    expect(() => read(columns, ["z"])).toThrow(/no row can be used \(4 with no z\)/);
    const { units, measures } = read(columns, ["x"]);
    const compare = (options: object) => compareVariants(units, measures, { level: 0.95, ...options });
    expect(() => compare({ control: "c" })).toThrow(/there is no variant "c"/);
    expect(() => compare({ planned: { a: 0.5 } })).toThrow(/must be above 0 for a, b and add up to 1, got 0.5, 0/);
    expect(() => compare({ planned: { c: 1 } })).toThrow(/planned shares: there is no variant "c"/);
    expect(() => compare({ expected: { q: 1 } })).toThrow(/there is no measure "q"/);
  });
});
