// What something costs as a real run says it, for tests of the report; figures are plausible, not measured.

import type { Cost, Latency } from "../../src/report/cost-results.ts";

const weight = (raw: number) => ({ raw, gzip: Math.round(raw * 0.88), brotli: Math.round(raw * 0.85) });

/** The cost of `raw` bytes to ship, most of them in two tables. */
export function sampleCost(raw: number, more: Partial<Cost> = {}): Cost {
  const tables = Math.round(raw * 0.97);
  const latency = (runtime: Latency["runtime"], batch: number): Latency => {
    const p50 = (0.02 + raw / 2.2e7) * batch ** 0.8 * (runtime === "wasm" ? 1.2 : 1);
    const times = { p50, p95: p50 * 1.4, p99: p50 * 1.9 + 0.01 };
    return { runtime, batch, ...times, perSecond: Math.round((1000 * batch) / p50), runs: 400, others: 0.12 };
  };
  return {
    bytes: weight(raw),
    files: [
      { path: "tables.safetensors", load: true, ...weight(tables + 200) },
      { path: "items.ids", load: true, ...weight(raw - tables - 200) },
      { path: "model.onnx", load: false, ...weight(Math.round(raw * 1.1) + 4200) },
      { path: "histories.bin", load: false, ...weight(412_000) },
    ],
    tables: ["history", "item"].map((name) => ({
      ...{ name, encoding: "f32", rows: 7021, cols: Math.max(1, Math.round(tables / 56_168)) },
      ...weight(Math.round(tables / 2)),
    })),
    ops: [
      { op: "MatMul", nodes: 1, bytes: Math.round(tables / 2), flops: { fixed: 0, perRow: Math.round(raw * 1.5) } },
      { op: "Gather", nodes: 1, bytes: Math.round(tables / 2), flops: { fixed: 0, perRow: 0 } },
      { op: "ReduceSum", nodes: 2, bytes: 8, flops: { fixed: 0, perRow: Math.round(raw * 0.2) } },
    ],
    parameters: { tables: Math.round(raw / 3), weights: 0 },
    history: 31.8,
    flops: { fixed: 0, perRow: Math.round(raw * 1.7) },
    macs: { fixed: 0, perRow: Math.round(raw * 0.75) },
    traffic: {
      weights: { fixed: Math.round(raw / 2), perRow: 0 },
      rows: { fixed: 0, perRow: Math.round(raw / 200) },
      values: { fixed: 0, perRow: 56_168 },
    },
    memory: {
      answering: { bytes: raw + 170_000, found: "measured", how: "kernel memory, by its allocator" },
      process: {
        ...{ bytes: raw * 2 + 61_000_000, found: "measured" },
        how: "peak resident memory of a Node process that opens it and answers; 41.2 MB of it are Node's",
      },
    },
    latency: [...[1, 8, 64, 256].map((batch) => latency("node", batch)), latency("wasm", 1)],
    energy: {
      ...{ joulesPerThousand: Number((raw * 1.1e-7).toPrecision(3)), found: "estimated" },
      how: "operations and bytes at published 45 nm figures, tables in DRAM",
    },
    missing: [{ what: "measured energy", why: "the processor's counters (RAPL) cannot be read here" }],
    ...more,
  };
}
