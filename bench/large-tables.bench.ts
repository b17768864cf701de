// A training step of a factorization machine through the trainer as its table grows to 10 M × 64: the time must follow
// the rows of a batch, not those of the table, and the process must stay within 6 GB.

import { readFileSync } from "node:fs";
import { cpuUsage } from "node:process";
import { createRng } from "../src/base/rng.ts";
import { networkGraph } from "../src/engine/network-graph.ts";
import { binaryCrossEntropy } from "../src/engine/objectives/pointwise.ts";
import { graphOptimizer } from "../src/engine/optimizers/optimizer.ts";
import { optimizerOptions } from "../src/engine/optimizers/options.ts";
import { tableMemories } from "../src/engine/tables/memories.ts";
import { openTables } from "../src/engine/training/open-tables.ts";
import { createTrainer } from "../src/engine/training/trainer.ts";
import fm from "../src/networks/fm.ts";
import { onnxRuntime } from "../src/node/onnx-runtime.ts";
import { openKernels } from "../src/node/threads.ts";
import type { Figures, QualityContext } from "./case.ts";

const [FIELDS, BATCH, STEPS, THREADS] = [26, 4096, 20, 2];

async function measureRows(rows: number): Promise<Figures> {
  const rng = createRng("large tables");
  const model = networkGraph(
    fm,
    fm.options.parse({ d: 64 }),
    { fields: FIELDS, rows, numeric: 0, bags: [], dense: [] },
    rng,
  );
  const memories = tableMemories(() => openKernels(THREADS));
  const began = performance.now();
  const tables = await openTables(model, memories, { use: "rowwise-adagrad" });
  const drawn = performance.now() - began;
  const trainer = createTrainer({
    ...{ model, tables, accumulate: 1, rng, runtime: onnxRuntime({ threads: THREADS }) },
    objective: (g, { logits }) => binaryCrossEntropy(g, logits!, g.input("label", "float32", g.dims(logits!))),
    optimizer: graphOptimizer(optimizerOptions.parse({ use: "adam" })),
    learningRate: () => 0.01,
  });
  const batches = Array.from({ length: 4 }, () => ({
    ids: {
      dtype: "int64" as const,
      dims: [BATCH, FIELDS],
      data: BigInt64Array.from({ length: BATCH * FIELDS }, () => BigInt(rng.below(rows))),
    },
    label: { dtype: "float32" as const, dims: [BATCH], data: Float32Array.from({ length: BATCH }, () => rng.below(2)) },
  }));
  const [walls, cpus]: [number[], number[]] = [[], []];
  for (let step = -4; step < STEPS; step++) {
    const [at, cpu] = [performance.now(), cpuUsage()];
    await trainer.step(batches[(step + 4) % 4]!);
    const { user, system } = cpuUsage(cpu);
    if (step < 0) continue;
    walls.push(performance.now() - at);
    cpus.push((user + system) / 1e3);
  }
  await trainer.close();
  for (const table of Object.values(tables)) table.free();
  await memories.close();
  const peak = Number(/VmHWM:\s*(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1]);
  const name = `${rows} × 64`;
  const round = (x: number) => Number(x.toFixed(2));
  return {
    [`${name}: step, ms`]: round(Math.min(...walls)),
    [`${name}: step, processor ms`]: round(Math.min(...cpus)),
    [`${name}: start drawn in, s`]: round(drawn / 1e3),
    [`${name}: peak memory so far, GB`]: round(peak / 2 ** 20),
  };
}

export async function measure({ note }: QualityContext): Promise<Figures> {
  let figures: Figures = {};
  for (const rows of [100_000, 1_000_000, 10_000_000]) {
    const found = await measureRows(rows);
    for (const [name, value] of Object.entries(found)) note(`${name}: ${value}`);
    figures = { ...figures, ...found };
  }
  return figures;
}
