import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRng, type Rng } from "../../base/rng.ts";
import { decide, type Testing } from "./decide.ts";
import { type Gateable, parseGate } from "./gate.ts";
import { parseBound } from "./quantity.ts";
import { dropOf, meanOf } from "./tested.ts";

const t = (rng: Rng = createRng(1)): Testing => ({ test: "t", alpha: 0.05, rng });
const ndcg = (rng: Rng) => (rng.uniform() < 0.6 ? 0 : Math.min(1, 0.05 + 0.6 * rng.uniform() ** 2));
const users = (n: number, of: () => number) => Float64Array.from({ length: n }, of);
const high = { better: "high", relative: true } as const;

describe("verdicts", () => {
  test("a small loss passes, a large one fails, and few users decide nothing but say how many would", () => {
    const rng = createRng("three");
    const lossy = (n: number, share: number) => {
      const teacher = users(n, () => ndcg(rng));
      return { teacher, own: teacher.map((value) => value * (1 - 2 * share * rng.uniform())) };
    };
    const at = (n: number, share: number, limit: number) => {
      const { teacher, own } = lossy(n, share);
      return decide(dropOf(teacher, own, { ...high, limit }), t());
    };
    expect(at(2000, 0.01, 0.02).verdict).toBe("pass");
    expect(at(2000, 0.05, 0.02)).toMatchObject({ verdict: "fail", units: 2000, estimate: expect.closeTo(0.05, 2) });
    expect(at(12, 0.018, 0.02)).toMatchObject({ verdict: "undecided", unitsToDecide: expect.any(Number) });
  });

  test("the users that would decide are those of a power of 80 %", () => {
    const tested = (above: Float64Array) => ({ above, below: above.map(() => 1), limit: 1 });
    const open = decide(tested(Float64Array.from({ length: 40 }, (_, u) => (u % 2 ? 3.5 : -2.1))), t());
    const deviation = Math.sqrt((2.8 ** 2 * 40) / 39);
    expect(open).toMatchObject({ verdict: "undecided", estimate: expect.closeTo(0.7, 9) });
    expect(open.unitsToDecide).toBe(Math.ceil((((1.6448536 + 0.8416212) * deviation) / 0.3) ** 2));
    const rng = createRng("power");
    let decided = 0;
    for (let i = 0; i < 300; i++) {
      const draw = users(open.unitsToDecide!, () => 0.7 + deviation * rng.normal());
      if (decide(tested(draw), t()).verdict === "pass") decided++;
    }
    // Binomial(300, .8): three deviations are .07
    expect(Math.abs(decided / 300 - 0.8)).toBeLessThan(0.07);
  });

  // Binomial(400, .05): a deviation of .011, two of them above α is .072.
  test.each([
    ["relative", 1500, 0.01],
    ["relative", 300, 0.003],
    ["relative", 100, 0.01],
    ["absolute", 1000, 0.03],
    ["absolute", 300, 0.01],
  ] as const)("at the margin (%s, %i users, of whom a share of %f loses all) it passes seldom", (type, n, rate) => {
    const rng = createRng(`${type} ${n} ${rate}`);
    let passed = 0;
    for (let draw = 0; draw < 400; draw++) {
      const teacher = users(n, () => ndcg(rng));
      const own = teacher.map((value) => (rng.uniform() < rate ? 0 : value));
      const meanNdcg = 0.4 * (0.05 + 0.6 / 3);
      const relative = type === "relative";
      const limit = relative ? rate : rate * meanNdcg;
      if (decide(dropOf(teacher, own, { better: "high", relative, limit }), t()).verdict === "pass") passed++;
    }
    expect(passed / 400).toBeLessThan(0.072);
  });

  test("identical lists of a few users prove little, of many enough", () => {
    const same = (n: number) => {
      const values = users(n, () => 0.2);
      return decide(dropOf(values, values, { ...high, limit: 0.01 }), t());
    };
    expect(same(100)).toMatchObject({ verdict: "undecided", estimate: 0, unitsToDecide: 300 });
    expect(same(100).interval[1]).toBeCloseTo(-Math.log(0.05) / 100, 9);
    expect(same(300).verdict).toBe("pass");
  });

  test("a metric of which less is better may rise by the margin at most; who has no value counts nowhere", () => {
    const teacher = Float64Array.of(0.2, Number.NaN, 0.2, 0.4);
    const tested = dropOf(teacher, Float64Array.of(0.3, 1, 0.2, Number.NaN), {
      ...{ better: "low", relative: false, limit: 0 },
    });
    expect([...tested.above].map((x) => x.toFixed(2))).toEqual(["0.10", "0.00"]);
  });

  test("a teacher that finds nothing leaves a relative drop undecided, an absolute one is of nobody", () => {
    const nothing = new Float64Array(50);
    expect(decide(dropOf(nothing, nothing, { ...high, limit: 0.01 }), t())).toMatchObject({
      verdict: "undecided",
      estimate: Number.NaN,
    });
  });

  test("limits on a mean, from either side", () => {
    const values = Float64Array.from({ length: 400 }, (_, i) => 0.6 + 0.01 * (i % 5));
    const limited = (side: "most" | "least", limit: number) => decide(meanOf(values, { side, limit }), t()).verdict;
    expect([limited("least", 0.6), limited("least", 0.63), limited("most", 0.63), limited("most", 0.6)]).toEqual([
      ...["pass", "fail", "pass", "fail"],
    ]);
    const perfect = new Float64Array(20).fill(1);
    const range = { best: 1, worst: 0 };
    expect(decide(meanOf(perfect, { side: "least", limit: 0.9, range }), t()).verdict).toBe("undecided");
    expect(decide(meanOf(perfect, { side: "least", limit: 0.8, range }), t()).verdict).toBe("pass");
  });

  test("t and bootstrap give nearly the same bounds", () => {
    const rng = createRng("both");
    const teacher = users(500, () => ndcg(rng));
    const own = teacher.map((value) => value * (1 - 0.1 * rng.uniform()));
    const tested = dropOf(teacher, own, { ...high, limit: 0.1 });
    const [a, b] = [decide(tested, t()), decide(tested, { ...t(), test: "bootstrap" })];
    expect(b.estimate).toBeCloseTo(a.estimate, 12);
    for (const side of [0, 1] as const) {
      expect(Math.abs(b.interval[side] - a.interval[side])).toBeLessThan(0.1 * (a.interval[1] - a.interval[0]));
    }
  });
});

describe("limits as people write them", () => {
  test.each([
    ["≤ 200 KB", "bytes", "most", 200_000],
    ["<=5ms", "milliseconds", "most", 5],
    ["≤ 250 µs", "milliseconds", "most", 0.25],
    [">= 30 %", "number", "least", 0.3],
    ["≥.6", "number", "least", 0.6],
    ["1%", "number", "most", 0.01],
    [0.01, "number", "most", 0.01],
    ["64 KiB", "bytes", "most", 65_536],
    ["1.5e6", "bytes", "most", 1_500_000],
    ["200 kb", "bytes", "most", 200_000],
    ["5M", "count", "most", 5_000_000],
    ["≤ 2 J", "joules", "most", 2],
  ] as const)("%s", (text, unit, side, value) => {
    expect(parseBound(text, unit, "most", "gate")).toMatchObject({ side, value });
  });

  test.each([
    ["", "bytes"],
    ["a lot", "bytes"],
    ["≤", "bytes"],
    ["= 5", "number"],
    ["5 KB", "milliseconds"],
    ["5 mb", "bytes"],
    ["5 MM", "count"],
    ["5 %%", "number"],
    ["NaN", "number"],
    ["1 2", "number"],
    ["≤ 1e999", "number"],
  ] as const)("%j of %s is refused", (text, unit) => {
    expect(() => parseBound(text, unit, "most", "gates[0]")).toThrow(/^gates\[0\]: ".*" is no limit; write ≤ or ≥/);
  });

  test("any number is read back", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e12, noNaN: true }), (value) => {
        expect(parseBound(`≤ ${value}`, "number", "least", "gate")).toEqual({ side: "most", value, percent: false });
      }),
    );
  });
});

describe("entries", () => {
  const about: Gateable = {
    costs: { bytes: "bytes", latencyP99: "milliseconds" },
    figures: { "ndcg@20": "least", "coverage@20": "least", "overlap@20": "least", "drift@20": "most" },
    ...{ paired: ["ndcg@20"], models: [] },
  };
  const parse = (entry: Record<string, string | number>) => parseGate(entry, about, "gates[2]");

  test("mean what they say, with what is usual filled in", () => {
    expect(parse({ metric: "ndcg@20", maxDrop: "1%", type: "relative", slice: "tail" })).toEqual({
      ...{ kind: "drop", metric: "ndcg@20", maxDrop: 0.01, type: "relative", slice: "tail", test: "t", alpha: 0.05 },
    });
    expect(parse({ metric: "ndcg@20", maxDrop: 0.002 })).toMatchObject({ type: "absolute", maxDrop: 0.002 });
    expect(parse({ bytes: "≤ 200 KB" })).toMatchObject({ kind: "limit", of: "bytes", side: "most", limit: 200_000 });
    expect(parse({ "overlap@20": 0.6, test: "bootstrap" })).toMatchObject({ side: "least", test: "bootstrap" });
    expect(parse({ "drift@20": 0.1 })).toMatchObject({ side: "most" });
  });

  test.each([
    [{ metric: "ndcg@2", maxDrop: "1%" }, 'there is no metric "ndcg@2" here. Did you mean "ndcg@20"?'],
    [{ metric: "coverage@20", maxDrop: "1%" }, "coverage@20 has no values of users to test. Give it a limit instead."],
    [{ metric: "ndcg@20" }, "maxDrop is missing"],
    [{ maxDrop: "1%" }, "metric is missing; give a string."],
    [{ metric: "ndcg@20", maxDrop: "≥ 1%" }, "gates[2].maxDrop: it is the drop at most"],
    [{ metric: "ndcg@20", maxDrop: "-1%" }, "gates[2].maxDrop: it is the drop at most, 0 or more, got -1%."],
    [{ metric: "ndcg@20", maxDrop: "1%", type: "absolute" }, "an absolute drop is a plain number"],
    [{ metric: "ndcg@20", maxDrop: 5, type: "relative" }, "a relative drop is below 1 (100 %), got 5"],
    [{ metric: "ndcg@20", maxDrop: "1%", slise: "tail" }, 'there is no option "slise". Did you mean "slice"?'],
    [{ metric: "ndcg@20", maxDrop: "1%", alpha: 2 }, "alpha must be at most 0.5, got 2."],
    [{ metric: "ndcg@20", maxDrop: "1%", against: "big" }, 'there is no "big" to compare with.'],
    [{ bytes: 1, latencyP99: 2 }, "a gate is about one thing, got bytes and latencyP99; make it two gates."],
    [{}, "a gate is about one thing, got none"],
    [{ byte: 1 }, 'there is no "byte" here to limit. Did you mean "bytes"?'],
    [{ bytes: 1, slice: "tail" }, "bytes is read off, not tested over users; leave out slice."],
    [{ bytes: "5 ms" }, 'gates[2].bytes: "5 ms" is no limit'],
    [{ "overlap@20": 0.5, test: "z" }, "test must be one of t, bootstrap"],
  ])("%j is refused", (entry, message) => {
    expect(() => parse(entry as unknown as Record<string, string>)).toThrow(message);
    expect(() => parse(entry as unknown as Record<string, string>)).toThrow("gates[2]");
  });
});
