import { expect, test } from "vitest";
import { createRng } from "../base/rng.ts";
import rrd from "../losses/rrd.ts";
import softLabel from "../losses/soft-label.ts";
import { createGuide } from "./guide.ts";

const train = {
  users: 2,
  items: 12,
  indptr: Int32Array.from([0, 2, 3]),
  indices: Int32Array.from([0, 1, 5]),
  values: new Float32Array(3).fill(1),
};
const lists = {
  n: 3,
  items: Int32Array.from([2, 3, 4, 6, 7, -1]),
  scores: Float32Array.from([3, 2, 1, 2, 1, 0]),
};

test("candidates are the list in order, then items neither taken nor listed", () => {
  const terms = [
    { loss: rrd, options: rrd.options.parse({ listed: 3, unlisted: 4 }), weight: 1 },
    { loss: softLabel, options: softLabel.options.parse({ listed: 2, unlisted: 3 }), weight: 0.5 },
  ];
  const guide = createGuide({ lists, alpha: 0.5, terms, teacher: empty }, train, createRng(1));
  for (const [user, forbidden, listed] of [
    [0, [0, 1], [2, 3, 4]],
    [1, [5], [6, 7]],
  ] as const) {
    const seen: number[][] = [];
    guide.visit(
      user,
      (items, n, out) => {
        seen.push([...items.subarray(0, n)]);
        out.fill(0, 0, n);
      },
      (_items, n, grad) => {
        expect(grad.subarray(0, n).every(Number.isFinite)).toBe(true);
      },
    );
    expect(seen).toHaveLength(2);
    for (const candidates of seen) {
      const lead = Math.min(listed.length, candidates === seen[1] ? 2 : 3);
      expect(candidates.slice(0, lead)).toEqual(listed.slice(0, lead));
      for (const item of candidates.slice(lead)) {
        expect(forbidden).not.toContain(item);
        expect(listed).not.toContain(item);
      }
    }
  }
});

const empty = { query: "none", pool: "sum", items: 12, tables: {} } as const;

test("a visit counts by the teacher's share in its epoch, and by how many visits it stands for", () => {
  const options = softLabel.options.parse({ listed: 2, unlisted: 0 });
  const terms = [{ loss: softLabel, options, weight: 0.5 }];
  const guide = createGuide({ lists, alpha: 0.8, after: 1, ramp: 1, terms, teacher: empty }, train, createRng(1));
  const slope = (epoch: number, times?: number) => {
    guide.enter(epoch, 4);
    let first = 0;
    const take = (_items: Int32Array, _n: number, grad: Float32Array) => {
      first = grad[0]!;
    };
    guide.visit(0, (_items, n, out) => out.fill(0, 0, n), take, times);
    return first;
  };
  const whole = slope(2);
  expect(whole).toBeLessThan(0);
  expect(slope(0)).toBeCloseTo(0, 9);
  expect(slope(1) / whole).toBeCloseTo(0.5, 5);
  expect(slope(3, 3) / whole).toBeCloseTo(3, 5);
});
