// What a log must be, what is left out of it and counted, and when an estimator is refused.

import { describe, expect, test } from "vitest";
import { createRng } from "../../base/rng.ts";
import { type RawTable, wordsOf } from "../../data/raw-table.ts";
import { all } from "../../estimators/index.ts";
import type { EstimatorMethod } from "../../kinds/estimator.ts";
import { parseOptions } from "../../kinds/options.ts";
import { estimatePolicies, type Target } from "./estimate.ts";
import { type ImpressionLog, readLog, restrict } from "./log.ts";
import { placeOn } from "./policy.ts";
import { fitCells } from "./reward-model.ts";

type Columns = Record<string, (string | number | null)[]>;
const table = (columns: Columns): RawTable => ({
  n: Object.values(columns)[0]!.length,
  columns: new Map(
    Object.entries(columns).map(([name, values]) => [
      name,
      values.some((x) => typeof x === "string")
        ? wordsOf(values as (string | null)[])
        : { kind: "numbers", values: Float64Array.from(values, (x) => (x === null ? Number.NaN : Number(x))) },
    ]),
  ),
});
const read = (columns: Columns, propensity?: number) => readLog(table(columns), "log.csv", propensity);

describe("a log", () => {
  const columns: Columns = {
    item: ["a", "b", "a", null, "c", "c"],
    reward: [1, 0, null, 1, 0, 0],
    propensity: [0.5, null, 0.5, 0.5, 1, 1],
    user: ["u", "v", "u", "v", "u", "u"],
    position: [1, 2, 1, 1, 3, 3],
    id: ["1", "2", "3", "4", "5", "5"],
  };

  test("leaves out and counts rows without item or reward and repeated ids; without propensity it keeps them", () => {
    const log = read(columns);
    expect(log).toMatchObject({ n: 3, items: ["a", "b", "c"], positions: 3, placed: true, units: 2 });
    expect([...log.propensity]).toEqual([0.5, 0, 1]);
    expect(log.excluded).toEqual([
      { why: "no reward", rows: 1 },
      { why: "no item", rows: 1 },
      { why: "an id that came before", rows: 1 },
    ]);
    const less = restrict(log, (r) => r !== 0, "a test");
    expect(less).toMatchObject({ n: 2, units: 2 });
    expect(less.excluded.at(-1)).toEqual({ why: "a test", rows: 1 });
  });

  test("of histories has one context a history, of nothing one for all", () => {
    const log = read({ item: ["a", "b", "c"], reward: [1, 0, 1], history: ["x,y", "y", "x,y"] }, 0.25);
    expect(log.contexts).toEqual([{ history: ["x", "y"] }, { history: ["y"] }]);
    expect([...log.context]).toEqual([0, 1, 0]);
    expect(read({ item: ["a", "b"], reward: [1, 0] }, 0.25)).toMatchObject({ contexts: [{}], units: 2, placed: false });
  });

  const base: Columns = { item: ["a", "b"], reward: [1, 0], propensity: [0.5, 0.5] };
  test.each<[Columns, number | undefined, RegExp]>([
    [
      { propensity: [0.5, 1.2] },
      undefined,
      /^log\.csv: row 2: propensity must be from 0 to 1, or empty where it is not known, got 1\.2\.$/,
    ],
    [{ propensity: [-0.1, 0.5] }, undefined, /row 1: propensity must be .* got -0\.1/],
    [{}, 0, /propensity must be above 0 and at most 1, got 0/],
    [{}, Number.NaN, /propensity must be above 0 and at most 1, got NaN/],
    [{ chosen: [0.5, 3] }, undefined, /row 2: chosen must be a probability from 0 to 1, got 3/],
    [{ chosen: [0.5, null] }, undefined, /row 2: chosen must be .* got nothing/],
    [{ position: [0, 1] }, undefined, /row 1: position must be a whole number from 1 to 1000, got 0/],
    [{ reward: [null, null] }, undefined, /no row can be used \(2 with no reward\)/],
    [{ reward: ["yes", "no"] }, undefined, /reward: "yes" is not a finite number/],
    [{ shown: [0.1, 0.2], expected: [0.1, null] }, undefined, /row 2: expected must be a number, got nothing/],
    [{ shown: [0.1, 0.2] }, undefined, /has no column "expected"/],
  ])("%o is a sentence", (more, propensity, message) => {
    expect(() => read({ ...base, ...more }, propensity)).toThrow(message);
  });
});

const methods = (all as readonly EstimatorMethod[]).map((method) => ({
  method,
  options: parseOptions(method.options, {}, "x"),
}));
const settings = { methods, level: 0.95, replicates: 200, rng: createRng("support") };
/** n rows of four items shown evenly; one in five is rewarded. */
function even(n: number): ImpressionLog {
  const rng = createRng("even");
  const rows = Array.from({ length: n }, () => ({ item: "abcd"[rng.below(4)]!, reward: rng.uniform() < 0.2 ? 1 : 0 }));
  return read({ item: rows.map((r) => r.item), reward: rows.map((r) => r.reward) }, 0.25);
}
const always = (log: ImpressionLog, item: string): Float64Array =>
  Float64Array.from(log.action, (a) => (log.items[a] === item ? 1 : 0));
const estimate = (log: ImpressionLog, target: Partial<Target>) =>
  estimatePolicies(log, [{ name: "t", chosen: always(log, "a"), ...target }], settings);
const reasons = (log: ImpressionLog, target: Partial<Target> = {}) =>
  Object.fromEntries(estimate(log, target).policies[0]!.estimates.map((e) => [e.method, e.refused]));

describe("an estimate", () => {
  test("has an interval, a lift over the log, and repeats to the bit", () => {
    const log = even(2000);
    const [one, two] = [1, 2].map(() =>
      estimatePolicies(log, [{ name: "t", chosen: always(log, "a") }], { ...settings, rng: createRng("again") }),
    );
    expect(one).toEqual(two);
    const snips = one!.policies[0]!.estimates.find((e) => e.method === "snips")!;
    expect(snips.interval![0]).toBeLessThan(snips.estimate!);
    expect(snips.lift!.estimate).toBeCloseTo(snips.estimate! - one!.logged.estimate!, 12);
    expect(JSON.parse(JSON.stringify(one))).toEqual(one);
  });

  test("counts a unit once, however many rows it has", () => {
    const log = even(600);
    const ten = Int32Array.from({ length: 6000 }, (_, r) => Math.floor(r / 10));
    const pick = <T extends Int32Array | Float64Array>(of: T): T => ten.map((r) => of[r]!) as unknown as T;
    const tenfold = {
      ...{ ...log, n: 6000, action: pick(log.action), position: pick(log.position), context: pick(log.context) },
      ...{
        reward: Float64Array.from(ten, (r) => log.reward[r]!),
        propensity: new Float64Array(6000).fill(0.25),
        unit: ten,
      },
    };
    const of = (some: ImpressionLog) => {
      const targets = [{ name: "t", chosen: always(some, "a") }];
      const names = methods.filter(({ method }) => ["ips", "snips"].includes(method.name));
      return estimatePolicies(some, targets, { ...settings, methods: names, rng: createRng("ten") }).policies[0]!
        .estimates;
    };
    for (const [m, { estimate, interval }] of of(tenfold).entries()) {
      const once = of(log)[m]!;
      expect(estimate).toBeCloseTo(once.estimate!, 12);
      expect(interval![0]).toBeCloseTo(once.interval![0], 12);
      expect(interval![1]).toBeCloseTo(once.interval![1], 12);
    }
  });

  test("without a reward model, those that need one say so", () => {
    const { ips, replay, dm, dr } = reasons(even(2000));
    expect([ips, replay]).toEqual([undefined, undefined]);
    for (const reason of [dm, dr]) expect(reason).toMatch(/^there is no reward model/);
  });

  test("with a model from outside, dm has a value and no interval", () => {
    const log = even(2000);
    const flat = { shown: new Float64Array(log.n).fill(0.2), expected: new Float64Array(log.n).fill(0.2) };
    const dm = estimate(log, { model: flat }).policies[0]!.estimates.find((e) => e.method === "dm")!;
    expect(dm).toMatchObject({ method: "dm", refused: expect.stringMatching(/its error is that of the model/) });
    expect(dm.estimate).toBeCloseTo(0.2, 12);
    expect(dm).not.toHaveProperty("interval");
  });
});

describe("is refused", () => {
  test("where the target may show an item whose propensity is not known", () => {
    const log = even(2000);
    const some = { ...log, propensity: log.propensity.map((p, r) => (r === 5 ? 0 : p)) };
    expect(reasons(some, { chosen: new Float64Array(2000).fill(0.25) })["ips"]).toMatch(
      /^in 1 row the policy may show an item whose propensity is 0 or not known/,
    );
    // Where it would never show that item, nothing is missing.
    expect(reasons(some, { chosen: log.propensity.map((p, r) => (r === 5 ? 0 : p)) })["ips"]).toBeUndefined();
  });

  test("where much of what the target shows was never logged", () => {
    const log = even(2000);
    const found = reasons(log, { neverLogged: new Float64Array(2000).fill(0.05) });
    for (const method of ["ips", "snips", "replay", "dm"])
      expect(found[method]).toMatch(/^5\.0 % of what the policy shows was never logged/);
  });

  test("where weights do not average one: the log does not reach the target, or the propensities are wrong", () => {
    const log = even(2000);
    const half = { ...log, propensity: log.propensity.map((p) => p / 2) };
    expect(reasons(half)["dr"]).toMatch(/no reward model/);
    expect(reasons(half)["ips"]).toMatch(/^the weights average [12]\.\d+ .* the propensities are smaller than those/);
    expect(reasons(log, { chosen: always(log, "a").map((p) => 0.4 * p) })["snips"]).toMatch(
      /^the weights average 0\.[34]\d* .* does not reach/,
    );
  });

  test("where few rows or few rewards carry it", () => {
    const few = even(2000);
    const once = { ...few, reward: few.reward.map((r, at) => (at < 100 ? r : 0)) };
    expect(reasons(once)["ips"]).toMatch(/^only \d rewards carry the estimate/);
    expect(reasons(once)["replay"]).toMatch(/^only \d rewards carry the estimate/);
    const tiny = even(120);
    expect(reasons(tiny)["ips"]).toMatch(/worth only \d\d\.\d of the policy's own/);
    expect(reasons(tiny)["replay"]).toMatch(/sure to show the same in \d\d rows/);
    expect(reasons({ ...tiny, reward: tiny.reward.map(() => 1) })["ips"]).toMatch(/^every reward is 1/);
  });

  test("replay, where the log was not made evenly", () => {
    const log = even(2000);
    const uneven = { ...log, propensity: log.propensity.map((p, r) => (r % 2 ? p : p * 1.01)) };
    expect(reasons(uneven)["replay"]).toMatch(/not made uniformly at random/);
    expect(reasons(uneven)["snips"]).toBeUndefined();
  });
});

test("the model learns each item's rate, shrunk, without the row's own unit, and leverage is its derivative", () => {
  const log = even(400);
  const policy = {
    answers: () => true,
    show: () => ({ actions: Int32Array.of(0, 1), probability: Float64Array.of(0.7, 0.3) }),
  };
  const model = fitCells(log, createRng("folds"));
  const { chosen, model: said } = placeOn(log, policy, model);
  for (const [r, a] of log.action.entries()) expect(chosen[r]).toBe([0.7, 0.3, 0, 0][a]);
  for (const f of model.expectation) for (const q of f) expect(q).toBeGreaterThan(0.05);
  const sum = said.leverage!.reduce((total, x) => total + x, 0) / log.n;
  // Every reward raised by one raises what is expected by one.
  expect(sum).toBeCloseTo(1, 9);
  const raised = { ...log, reward: log.reward.map((r) => r + 1) };
  const there = placeOn(raised, policy, fitCells(raised, createRng("folds"))).model;
  for (let r = 0; r < log.n; r++) expect(there.expected[r]! - said.expected[r]!).toBeCloseTo(1, 9);
});

test("what the model says of a row does not follow that row's unit", () => {
  const log = even(200);
  const unit = Int32Array.from(log.unit, (r) => Math.floor(r / 4));
  const policy = { answers: () => true, show: () => ({ actions: Int32Array.of(2), probability: Float64Array.of(1) }) };
  const saidOf = (reward: Float64Array) => {
    const some = { ...log, unit, units: 50, reward };
    return placeOn(some, policy, fitCells(some, createRng("folds"))).model;
  };
  const before = saidOf(log.reward);
  const after = saidOf(log.reward.map((r, at) => (unit[at] === 7 ? 100 : r)));
  const own = Array.from(unit.keys()).filter((r) => unit[r] === 7);
  for (const r of own) expect([after.shown[r], after.expected[r]]).toEqual([before.shown[r], before.expected[r]]);
  const moved = Array.from(unit.keys()).filter((r) => after.expected[r] !== before.expected[r]);
  expect(moved.length).toBeGreaterThan(100);
});

test("a model of too many cells is refused, not run out of memory by", () => {
  expect(() => fitCells({ ...even(100), positions: 1e7 }, createRng("x"))).toThrow(/too many .* leave the places out/);
});

test("an item that has no rows was never logged, even where the log knows its name", () => {
  const log = { ...even(100), items: ["a", "b", "c", "d", "e"] };
  const policy = {
    answers: () => true,
    show: () => ({ actions: Int32Array.of(0, 4, -1), probability: Float64Array.of(0.5, 0.3, 0.2) }),
  };
  const { neverLogged, chosen } = placeOn(log, policy, fitCells(log, createRng("x")));
  for (const [r, a] of log.action.entries()) {
    expect(neverLogged[r]).toBeCloseTo(0.5, 12);
    expect(chosen[r]).toBe(a === 0 ? 0.5 : 0);
  }
});
