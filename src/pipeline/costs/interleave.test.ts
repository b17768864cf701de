// By instruments that are written down here: time passes only while a contender runs, as the test says.

import { expect, test } from "vitest";
import { groupsWithin, interleave, latencyOf, type Meter } from "./interleave.ts";

const plan = { rounds: 4, runs: 100, seconds: 1000 };

/** A machine on which contender i takes `seconds(i, run)` and `watts` of power. */
function machine(contenders: number, seconds: (at: number, run: number) => number, watts?: number) {
  let [now, busy] = [0, 0];
  const order: number[] = [];
  const runs = Array.from({ length: contenders }, () => 0);
  const meter: Meter = {
    clock: () => now,
    elsewhere: () => busy,
    ...(watts !== undefined && { joules: () => watts * now }),
  };
  const pass = (at: number) => {
    const took = seconds(at, runs[at]!++);
    now += took;
    busy += took / 2;
    order.push(at);
  };
  return { meter, order, contenders: runs.map((_, at) => () => pass(at)) };
}

test("the figures are those of the runs, and energy that of the time that they took", async () => {
  const { meter, contenders } = machine(2, (at) => (at + 1) / 1000, 30);
  const [quick, slow] = await interleave(contenders, meter, plan);
  expect(quick).toMatchObject({ p50: 1, p95: 1, p99: 1, runs: 100, others: 0.5 });
  expect(slow).toMatchObject({ p50: 2, p95: 2, p99: 2, runs: 100, others: 0.5 });
  expect(slow!.joules).toBeCloseTo(30 * 0.002, 9);
  expect(latencyOf("node", 8, slow!)).toEqual({
    ...{ runtime: "node", batch: 8, p50: 2, p95: 2, p99: 2, perSecond: 4000, runs: 100, others: 0.5 },
  });
});

test("what the machine does meanwhile hits all alike", async () => {
  // Every run is slower than the one before it, whoever's it is.
  let step = 0;
  const { meter, contenders } = machine(3, () => 0.001 + 1e-6 * step++);
  const timed = await interleave(contenders, meter, { ...plan, rounds: 20 });
  const medians = timed.map(({ p50 }) => p50);
  expect(Math.max(...medians) / Math.min(...medians)).toBeLessThan(1.03);
});

test("each round begins with another one and gives each a block", async () => {
  const { meter, order, contenders } = machine(3, () => 0.001);
  await interleave(contenders, meter, { rounds: 3, runs: 6, seconds: 1000 });
  // 20 runs of each to warm up; then blocks of one uncounted and two counted runs.
  expect(order.slice(0, 60)).toEqual([0, 1, 2].flatMap((at) => Array.from({ length: 20 }, () => at)));
  const blocks = [0, 1, 2, 1, 2, 0, 2, 0, 1].flatMap((at) => [at, at, at]);
  expect(order.slice(60)).toEqual(blocks);
});

test("a slow contender has fewer runs, but one a round at least; promises are waited for", async () => {
  const { meter, contenders } = machine(2, (at) => (at === 0 ? 5 : 0.001));
  const later = contenders.map((contender) => async () => {
    await Promise.resolve();
    contender();
  });
  const [slow, quick] = await interleave(later, meter, { rounds: 4, runs: 100, seconds: 1 });
  expect(slow).toMatchObject({ runs: 4, p50: 5000 });
  expect(quick!.runs).toBe(100);
  expect(slow!.joules).toBeUndefined();
});

test("a machine that is only ours is not busy elsewhere, whatever counters round to", async () => {
  let now = 0;
  const meter: Meter = { clock: () => now, elsewhere: () => -now / 10 };
  const [only] = await interleave([() => (now += 0.01)], meter, plan);
  expect(only!.others).toBe(0);
});

test("groups keep the order and stay within the limit, unless one alone is above it", () => {
  const sizes = [3, 4, 9, 1, 1, 2, 20, 5];
  const groups = groupsWithin(sizes, (size) => size, 8);
  expect(groups).toEqual([[3, 4], [9], [1, 1, 2], [20], [5]]);
  expect(groupsWithin([], () => 1, 8)).toEqual([]);
});
