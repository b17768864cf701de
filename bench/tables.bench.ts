// One training step of an embedding table (gather, accumulate, apply) for 4096 × 26 lookups: what it costs as the table
// grows, and across two memories. Wall time needs an idle machine, so the processor time of all threads is given beside.

import { freemem } from "node:os";
import { cpuUsage, memoryUsage } from "node:process";
import { createRng } from "../src/base/rng.ts";
import { createEmbeddingTable } from "../src/engine/tables/embedding-table.ts";
import { tableMemories } from "../src/engine/tables/memories.ts";
import type { TableOptimizer } from "../src/engine/tables/options.ts";
import { openKernels } from "../src/node/threads.ts";
import type { Figures, QualityContext } from "./case.ts";

const [LOOKUPS, BATCHES, STEPS] = [4096 * 26, 8, 40];

interface Case {
  readonly rows: number;
  readonly width: number;
  readonly use: TableOptimizer["use"];
  /** Ids are rows · u^skew for uniform u: 1 is uniform, 4 repeats as clicks do. */
  readonly skew: number;
}

const cases: readonly Case[] = [
  { rows: 1_000_000, width: 16, use: "adagrad", skew: 1 },
  { rows: 1_000_000, width: 16, use: "adagrad", skew: 4 },
  { rows: 1_000_000, width: 16, use: "rowwise-adagrad", skew: 4 },
  { rows: 1_000_000, width: 16, use: "adam", skew: 4 },
  { rows: 10_000, width: 64, use: "rowwise-adagrad", skew: 1 },
  { rows: 1_000_000, width: 64, use: "rowwise-adagrad", skew: 1 },
  { rows: 10_000_000, width: 64, use: "rowwise-adagrad", skew: 1 },
  // Beyond the 4 GiB of one WebAssembly memory.
  { rows: 24_000_000, width: 64, use: "rowwise-adagrad", skew: 1 },
];

async function measureCase({ rows, width, use, skew }: Case, threads: number): Promise<Figures> {
  const memories = tableMemories(() => openKernels(threads));
  const table = await createEmbeddingTable({ memories, rows, width, optimizer: { use } });
  const rng = createRng("tables bench");
  const batches = Array.from({ length: BATCHES }, () =>
    Int32Array.from({ length: LOOKUPS }, () => Math.floor(rows * rng.uniform() ** skew)),
  );
  const into = new Float32Array(LOOKUPS * width);
  const gradients = Float32Array.from({ length: LOOKUPS * width }, () => rng.uniform() - 0.5);
  const times: number[][] = [[], [], [], []];
  let cpu = cpuUsage();
  for (let step = -BATCHES; step < STEPS; step++) {
    if (step === 0) cpu = cpuUsage();
    const ids = batches[(step + BATCHES) % BATCHES]!;
    const at = [performance.now()];
    await table.gather(ids, into);
    at.push(performance.now());
    await table.accumulate(ids, gradients);
    at.push(performance.now());
    await table.apply({ learningRate: 0.01, step: step + BATCHES + 1 });
    at.push(performance.now());
    if (step < 0) continue;
    for (const i of [0, 1, 2]) times[i]!.push(at[i + 1]! - at[i]!);
    times[3]!.push(at[3]! - at[0]!);
  }
  const spent = cpuUsage(cpu);
  const [gather, accumulate, apply, all] = times.map((list) => list.sort((a, b) => a - b)[list.length >> 1]!);
  const shards = table.state()["rows"]!.length;
  const rss = memoryUsage().rss;
  table.free();
  await memories.close();
  const name = `${rows} × ${width} ${use}, skew ${skew}, ${threads} thread(s)`;
  const ms = {
    gather,
    accumulate,
    apply,
    step: all,
    "step, best": times[3]![0],
    "step, processor": spent.user / 1e3 / STEPS,
  };
  return Object.fromEntries([
    ...Object.entries(ms).map(([part, value]) => [`${name}: ${part}, ms`, Number(value!.toFixed(2))]),
    [`${name}: memories`, shards],
    [`${name}: resident, GB`, Number((rss / 1e9).toFixed(2))],
  ]);
}

export async function measure({ note }: QualityContext): Promise<Figures> {
  let figures: Figures = {};
  for (const one of cases) {
    const bytes = 4 * one.rows * one.width;
    if (bytes > 0.7 * freemem()) {
      note(`${one.rows} × ${one.width} is left out: it takes ${Math.round(bytes / 1e9)} GB`);
      continue;
    }
    for (const threads of bytes > 3e9 ? [2] : [1, 2]) {
      const found = await measureCase(one, threads);
      for (const [name, value] of Object.entries(found)) note(`${name}: ${value}`);
      figures = { ...figures, ...found };
    }
  }
  return figures;
}
