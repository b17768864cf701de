// Results of a click run as a real one gives them, for tests of the report; figures are plausible, not measured.

import type { ClickResults, NetworkResult } from "../../src/report/clicks/results.ts";
import type { Cost, Latency } from "../../src/report/cost-results.ts";
import { sampleCost } from "./sample-cost.ts";

function networkCost(raw: number, at: number): Cost {
  const { history: _, latency, ...cost } = sampleCost(raw);
  const onWeb = [8, 64, 256].map((batch): Latency => ({ ...latency.at(-1)!, batch, p50: batch / 50 }));
  return {
    ...cost,
    ...{ flops: { fixed: 0, perRow: 725_936 + 80_000 * at }, latency: [...latency, ...onWeb] },
    parameters: { weights: 364_000 + 9000 * at, tables: 59_389 },
  };
}

const network = (name: string, at: number, more: Partial<NetworkResult> = {}): NetworkResult => ({
  ...{ name, network: name },
  metrics: { auc: 0.97 + at / 200, gauc: 0.961 + at / 250, "log-loss": 0.19 - at / 50, calibration: 1.02 - at / 100 },
  standardError: { auc: 0.0008 },
  ...{ leftOut: { "users with one class": 12 }, notDefined: {}, slicesLeftOut: {} },
  slices: ["item head", "item mid", "item tail"].map((slice, s) => ({
    ...{ column: "item", name: slice, rows: 9000 - 900 * s, clicks: 3000 - 250 * s, leftOut: {}, notDefined: {} },
    metrics: { auc: 0.975 + at / 200 - s / 100, "log-loss": 0.18 - at / 50 + s / 100 },
    standardError: { auc: 0.0012 + s / 1000 },
  })),
  calibration: Array.from({ length: 10 }, (_, b) => {
    const observed = 0.02 + b / 11;
    const predicted = Math.max(0, observed + (b - 5) / 120);
    return { rows: 2886, predicted, observed, low: observed - 0.01, high: observed + 0.01 };
  }),
  kept: 9 + at,
  curve: Array.from({ length: 12 }, (_, e) => ({
    epoch: e + 1,
    loss: 0.1 + 0.35 / (e + 1 + at),
    metric: 0.97 + at / 200 - 0.06 / (e + 1) - Math.max(0, e - 8 - at) * 0.0004,
  })),
  cost: networkCost(1_743_000 + 36_000 * at, at),
  artifact: `artifacts/${name}`,
  ...more,
});

/** Three networks over one log. */
export const sampleClickResults = (): ClickResults => ({
  ...{
    kind: "clicks",
    recipe: "frappe-networks",
    seed: 1,
    part: "test",
    threshold: 0.5,
    units: "users",
    metric: "auc",
  },
  clicklog: {
    ...{ name: "frappe", columns: 10, heldBack: 0 },
    train: { rows: 202_025, clicks: 67_602 },
    validation: { rows: 57_722, clicks: 19_063 },
    test: { rows: 28_860, clicks: 9_536 },
    fingerprint: "9b2f41c07d5e88a1f0c34d9be5a0712c6b8fd3379e21cc5a04f7d6b1a2938e5f",
  },
  networks: [network("fm", 0), network("deepfm", 1), network("dcnv2", 2)],
  machine: { cpu: "Intel Xeon", cores: 2, node: "20.19.0", load: 1.4 },
  reproduce: "distilrec run recipes/frappe-networks.yaml",
});
