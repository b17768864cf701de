import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRng } from "./rng.ts";

const take = (seed: number | string, n: number) => {
  const rng = createRng(seed);
  return Array.from({ length: n }, () => rng.u32());
};

describe("one seed, one sequence", () => {
  test("the same seed gives the same numbers, another seed others", () => {
    fc.assert(
      fc.property(fc.oneof(fc.integer(), fc.string()), fc.oneof(fc.integer(), fc.string()), (a, b) => {
        expect(take(a, 8)).toEqual(take(a, 8));
        if (String(a) !== String(b)) expect(take(a, 8)).not.toEqual(take(b, 8));
      }),
    );
  });

  test("the first numbers of seed 1 stay what they are", () => {
    expect(take(1, 3)).toEqual([1322085210, 3448142222, 3302272250]);
  });

  test("a fork depends on its label and never moves its parent", () => {
    fc.assert(
      fc.property(fc.integer(), fc.string(), (seed, label) => {
        const [plain, forked] = [createRng(seed), createRng(seed)];
        const child = forked.fork(label);
        child.u32();
        expect(forked.u32()).toBe(plain.u32());
        expect(createRng(seed).fork(label).u32()).toBe(plain.fork(label).u32());
        expect(plain.fork(label).u32()).not.toBe(plain.fork(`${label}.`).u32());
      }),
    );
  });
});

describe("ranges", () => {
  test("uniform stays in [0, 1), below in [0, n)", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 2 ** 32 }), (seed, n) => {
        const rng = createRng(seed);
        const u = rng.uniform();
        const i = rng.below(n);
        expect(u >= 0 && u < 1).toBe(true);
        expect(Number.isInteger(i) && i >= 0 && i < n).toBe(true);
      }),
    );
  });

  test("shuffle permutes in place and returns what it was given", () => {
    fc.assert(
      fc.property(fc.integer(), fc.array(fc.integer()), (seed, values) => {
        const shuffled = [...values];
        expect(createRng(seed).shuffle(shuffled)).toBe(shuffled);
        expect(shuffled.sort((a, b) => a - b)).toEqual([...values].sort((a, b) => a - b));
      }),
    );
  });
});

// Five standard deviations of the statistic under a fair generator: a false alarm once in about two million runs, and
// none at all here, for the seeds are fixed.
describe("quality", () => {
  const n = 100_000;

  test.each([1, 2, "world", 0xffffffff])("every bit of seed %s is set half the time", (seed) => {
    const rng = createRng(seed);
    const set = new Float64Array(32);
    for (let i = 0; i < n; i++) for (let x = rng.u32(), bit = 0; bit < 32; bit++) set[bit]! += (x >>> bit) & 1;
    for (const count of set) expect(Math.abs(count - n / 2)).toBeLessThan(5 * Math.sqrt(n / 4));
  });

  test.each([3, 10, 1000])("below(%i) is flat (chi-square)", (cells) => {
    const rng = createRng("flat");
    const counts = new Float64Array(cells);
    for (let i = 0; i < n; i++) counts[rng.below(cells)]!++;
    const expected = n / cells;
    const chi2 = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(Math.abs(chi2 - (cells - 1))).toBeLessThan(5 * Math.sqrt(2 * (cells - 1)));
  });

  test("normal has mean 0, variance 1, no skew and a normal's kurtosis", () => {
    const rng = createRng(5);
    const sums = [0, 0, 0, 0];
    for (let i = 0; i < n; i++) {
      const z = rng.normal();
      for (let p = 0; p < 4; p++) sums[p]! += z ** (p + 1) / n;
    }
    expect(Math.abs(sums[0]!)).toBeLessThan(5 * Math.sqrt(1 / n));
    expect(Math.abs(sums[1]! - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
    expect(Math.abs(sums[2]!)).toBeLessThan(5 * Math.sqrt(15 / n));
    expect(Math.abs(sums[3]! - 3)).toBeLessThan(5 * Math.sqrt(96 / n));
  });

  test("neighbours, and streams of neighbouring seeds and labels, do not correlate", () => {
    const correlation = (a: () => number, b: () => number) => {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += (a() - 0.5) * (b() - 0.5) * 12;
      return sum / n;
    };
    const [one, two, parent] = [createRng(1), createRng(2), createRng("p")];
    const [left, right] = [parent.fork("user 1"), parent.fork("user 2")];
    for (const r of [
      correlation(one.uniform, one.uniform),
      correlation(one.uniform, two.uniform),
      correlation(left.uniform, right.uniform),
    ]) {
      expect(Math.abs(r)).toBeLessThan(5 / Math.sqrt(n));
    }
  });

  test("every order of four is as likely", () => {
    const rng = createRng("orders");
    const counts = new Map<string, number>();
    for (let i = 0; i < 24_000; i++) {
      const order = rng.shuffle([0, 1, 2, 3]).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(5 * Math.sqrt(1000));
  });
});
