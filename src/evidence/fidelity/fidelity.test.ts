import fc from "fast-check";
import { expect, test } from "vitest";
import { createRng } from "../../base/rng.ts";
import { openSharedKernels } from "../../kernels/open-shared.ts";
import { f32Table } from "../../tables/table.ts";
import { driftOf, driftRows, standardScores } from "./drift.ts";
import { listFidelity, summarise } from "./fidelity.ts";
import { kendallTau } from "./kendall.ts";
import { overlap } from "./overlap.ts";
import { rankBiasedOverlap } from "./rbo.ts";

const list = (...items: number[]) => Int32Array.from(items);
const lists = fc.uniqueArray(fc.nat(30), { maxLength: 12 }).map((items) => list(...items));
const filled = fc.uniqueArray(fc.nat(30), { minLength: 1, maxLength: 12 }).map((items) => list(...items));
const measures = { overlap, rankBiasedOverlap, kendallTau };

test("every measure: symmetric, best for equal lists, blind to what items are called", () => {
  for (const measure of Object.values(measures)) {
    fc.assert(
      fc.property(filled, filled, (a, b) => {
        const value = measure(a, b);
        expect(measure(b, a)).toBeCloseTo(value, 12);
        expect(measure(a, a)).toBeCloseTo(1, 12);
        expect(value).toBeLessThanOrEqual(1 + 1e-12);
        expect(
          measure(
            a.map((x) => 91 - x),
            b.map((x) => 91 - x),
          ),
        ).toBeCloseTo(value, 12);
      }),
    );
  }
  expect(overlap(list(), list())).toBeNaN();
  expect(rankBiasedOverlap(list(), list())).toBeNaN();
  expect(kendallTau(list(), list(1))).toBeNaN();
});

test("overlap counts what both hold, against the longer list", () => {
  expect(overlap(list(1, 2, 3, 4), list(4, 9, 1))).toBe(0.5);
});

/** The sums of Webber's equation 32, written out. */
function rboWritten(a: Int32Array, b: Int32Array, p: number): number {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  const [s, l] = [short.length, long.length];
  const x = (d: number) => [...short.slice(0, d)].filter((item) => long.slice(0, d).includes(item)).length;
  let sum = 0;
  for (let d = 1; d <= l; d++) sum += (x(d) / d) * p ** d;
  for (let d = s + 1; d <= l; d++) sum += ((x(s) * (d - s)) / (s * d)) * p ** d;
  return ((1 - p) / p) * sum + ((x(l) - x(s)) / l + x(s) / s) * p ** l;
}

test("rank-biased overlap is Webber's equation 32, and looks at the first ranks most", () => {
  fc.assert(
    fc.property(filled, filled, (a, b) => {
      expect(rankBiasedOverlap(a, b)).toBeCloseTo(rboWritten(a, b, 0.9), 12);
    }),
  );
  const top = list(1, 2, 3, 4, 5, 6);
  expect(rankBiasedOverlap(top, list(9, 2, 3, 4, 5, 6))).toBeLessThan(rankBiasedOverlap(top, list(1, 2, 3, 4, 5, 9)));
  expect(rankBiasedOverlap(list(1, 2), list(3, 4))).toBeCloseTo(0, 12);
});

/** K^(½) by its definition, pair by pair. */
function kendallByPairs(a: Int32Array, b: Int32Array): number {
  const distance = (x: Int32Array, y: Int32Array) => {
    const union = [...new Set([...x, ...y])];
    let sum = 0;
    for (const [at, i] of union.entries()) {
      for (const j of union.slice(at + 1)) {
        const [ix, jx, iy, jy] = [x.indexOf(i), x.indexOf(j), y.indexOf(i), y.indexOf(j)];
        const [inX, inY] = [(ix >= 0 ? 1 : 0) + (jx >= 0 ? 1 : 0), (iy >= 0 ? 1 : 0) + (jy >= 0 ? 1 : 0)];
        const before = (p: number, q: number) => p >= 0 && (q < 0 || p < q);
        if ((inX === 2 && inY === 0) || (inX === 0 && inY === 2)) sum += 0.5;
        else if (before(ix, jx) !== before(iy, jy)) sum += 1;
      }
    }
    return sum;
  };
  return (
    1 -
    (2 * distance(a, b)) /
      distance(
        a,
        b.map((item) => item + 1000),
      )
  );
}

test("Kendall's τ is K^(½) of Fagin et al. over all pairs of the union", () => {
  fc.assert(
    fc.property(filled, filled, (a, b) => {
      // of two single items there is no pair
      if (a.length + b.length > 2) expect(kendallTau(a, b)).toBeCloseTo(kendallByPairs(a, b), 12);
    }),
  );
  expect(kendallTau(list(1, 2, 3), list(4, 5, 6))).toBe(-1);
  expect(kendallTau(list(1, 2, 3, 4), list(4, 3, 2, 1))).toBeCloseTo(1 - (2 * 6) / 22, 12);
});

test("drift: none for another unit, and 1 where the best have become average", async () => {
  const kernels = await openSharedKernels();
  const recommender = (scores: number[]) =>
    ({ query: "none", pool: "sum", items: 5, tables: { bias: f32Table(1, 5, Float32Array.from(scores)) } }) as const;
  const seen = { users: 2, items: 5, indptr: list(0, 0, 0), indices: list(), values: new Float32Array(0) };
  const top = { k: 2, users: list(0, 1), items: list(0, 1, 0, -1) };
  const rows = driftRows(top);
  const scores = (of: number[]) => standardScores(kernels, recommender(of), seen, top, rows);
  const teacher = scores([5, 4, 1, 0, 0]);
  expect([...driftOf(teacher, scores([11, 9, 3, 1, 1]), 2, 2)].map((x) => Math.abs(x) < 1e-6)).toEqual([true, true]);
  expect(driftOf(teacher, new Float64Array(4), 2, 2)).toEqual(Float64Array.of(1, 1));
  expect([...rows]).toEqual([0, 1]);
  expect([...driftRows({ ...top, users: new Int32Array(5000) }).slice(0, 3)]).toEqual([0, 5, 10]);
});

test("summary: means over users and slices of users, and the users hurt most by name", () => {
  const teacher = { k: 3, users: list(4, 5, 7), items: list(1, 2, 3, 1, 2, -1, 6, 7, 8) };
  const other = { k: 3, users: list(4, 5, 7), items: list(1, 2, 3, 2, 9, -1, 1, 2, 3) };
  const values = listFidelity(teacher, other, [2]);
  expect([...values.get("overlap@2")!]).toEqual([1, 0.5, 0]);
  const member = Uint8Array.from({ length: 8 }, (_, user) => (user > 4 ? 1 : 0));
  const slices = [
    { name: "late", of: "users", member } as const,
    { name: "tail", of: "items", member } as const,
    { name: "none", of: "users", member: new Uint8Array(8) } as const,
  ];
  const main = { teacher: Float64Array.of(0.5, 0.4, 0.4), other: Float64Array.of(0.6, 0.2, 0.2) };
  const ids = Array.from({ length: 8 }, (_, user) => `u${user}`);
  const found = summarise(values, teacher, slices, main, "overlap@2", ids);
  expect(found.metrics["overlap@2"]).toBeCloseTo(0.5, 12);
  expect(found.slices.map(({ name, users, metrics }) => [name, users, metrics["overlap@2"]])).toEqual([
    ["late", 2, 0.25],
  ]);
  // equally much lost: the one with less of the teacher's list left comes first; who gained is not hurt
  expect(found.hurt.map(({ user, overlap }) => [user, overlap])).toEqual([
    ["u7", 0],
    ["u5", 0.5],
  ]);
});

test("measures of long random lists are quick and in bounds", () => {
  const rng = createRng("long");
  const shuffled = () => rng.shuffle(Int32Array.from({ length: 2000 }, (_, i) => i)).slice(0, 1000);
  fc.assert(fc.property(lists, lists, (a, b) => Number.isNaN(kendallTau(a, b)) || kendallTau(a, b) >= -1 - 1e-12));
  const [a, b] = [shuffled(), shuffled()];
  expect(overlap(a, b)).toBeGreaterThan(0.4);
  expect(kendallTau(a, b)).toBeLessThan(0.5);
});
