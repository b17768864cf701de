import { expect, test } from "vitest";
import type { Cost } from "../../report/cost-results.ts";
import { estimatedEnergy, measuredEnergy } from "./energy.ts";

const [none, one] = [0, 1].map((perRow) => ({ fixed: 0, perRow })) as [Cost["flops"], Cost["flops"]];
const nothing = { flops: none, macs: none, traffic: { weights: none, rows: none, values: none } };
const memory = (bytes: number): Cost["memory"] => ({ answering: { bytes, found: "computed", how: "" } });
const [small, large] = [memory(2 ** 20), memory(2 ** 20 + 1)];
/** Picojoules of one request. */
const picojoules = (cost: Partial<typeof nothing>, held = small) =>
  estimatedEnergy({ ...nothing, ...cost, memory: held }).joulesPerThousand * 1e9;

test("published figures, one by one", () => {
  expect(picojoules({ flops: { fixed: 2, perRow: 0 }, macs: one })).toBeCloseTo(3.7 + 0.9, 9);
  expect(picojoules({ flops: { fixed: 1, perRow: 1 } })).toBeCloseTo(3.7 + 0.9, 9);
  const eight = { fixed: 0, perRow: 8 };
  const traffic = (what: keyof Cost["traffic"]) => ({ traffic: { ...nothing.traffic, [what]: eight } });
  for (const what of ["weights", "rows", "values"] as const) expect(picojoules(traffic(what))).toBeCloseTo(100, 6);
  // Rows of a large table are far away; what every request reads is not.
  expect(picojoules(traffic("rows"), large)).toBeCloseTo(2 * 640, 6);
  for (const what of ["weights", "values"] as const) expect(picojoules(traffic(what), large)).toBeCloseTo(100, 6);
});

test("what every request reads comes from the cache until it is larger than that", () => {
  const reading = (weights: number, values: number) =>
    picojoules({
      traffic: { weights: { fixed: weights, perRow: 0 }, rows: none, values: { fixed: values, perRow: 0 } },
    });
  expect(reading(2 ** 19, 2 ** 19) / ((2 ** 20 * 100) / 8)).toBeCloseTo(1, 2);
  expect(reading(2 ** 19, 2 ** 19 + 8) / ((2 ** 19 * 640) / 4 + (2 ** 19 * 100) / 8)).toBeCloseTo(1, 2);
});

test("what is shared by a batch is paid in full by a request that is alone", () => {
  const weights = { fixed: 4_000_000, perRow: 0 };
  const found = estimatedEnergy({ ...nothing, traffic: { ...nothing.traffic, weights }, memory: large });
  expect(found).toMatchObject({ found: "estimated", joulesPerThousand: 0.64 });
  expect(found.how).toMatch(/DRAM/);
});

test("a measurement is called one", () => {
  expect(measuredEnergy(0.002)).toMatchObject({ joulesPerThousand: 2, found: "measured" });
});
