// The ONNX form of every table encoding beside float32: one request over 25,000 items of 64 dimensions, by user and from a
// history of 20, in ONNX Runtime and in its WebAssembly build, by turns. Ratios above 1.05 are forms that cost time.

import { createRng } from "../src/base/rng.ts";
import type { RunTensor, Session } from "../src/graph/runtime.ts";
import { onnxRuntime } from "../src/node/onnx-runtime.ts";
import { openWebRuntime } from "../src/node/onnx-web.ts";
import { openKernels } from "../src/node/threads.ts";
import { encodeOnnx } from "../src/onnx/encode.ts";
import { applyPasses } from "../src/pipeline/compress.ts";
import { registry } from "../src/pipeline/registry.ts";
import { lowerToOnnx } from "../src/recommender/lower.ts";
import type { Recommender } from "../src/recommender/recommender.ts";
import { f32Table } from "../src/tables/table.ts";
import type { Figures, QualityContext } from "./case.ts";

const [USERS, ITEMS, D, HISTORY, ROUNDS] = [5000, 25_000, 64, 20, 60];
const passes = [
  "fp16",
  "bf16",
  "int8-row",
  "int4-row",
  "int2-row",
  "codebook",
  "rate-distortion",
  "levels-row",
  "prune-magnitude",
];

export async function measure({ note }: QualityContext): Promise<Figures> {
  const rng = createRng("lowered forms");
  const table = (rows: number) =>
    f32Table(
      rows,
      D,
      Float32Array.from({ length: rows * D }, () => rng.normal()),
    );
  const [user, item] = [table(USERS), table(ITEMS)];
  const models: Readonly<Record<string, Recommender>> = {
    user: { query: "user", pool: "sum", items: ITEMS, tables: { user, item } },
    history: { query: "history", pool: "mean", items: ITEMS, tables: { item } },
  };
  const ids = (n: number, below: number, dims: number[]): RunTensor => ({
    ...{ dtype: "int64", dims },
    data: BigInt64Array.from({ length: n }, () => BigInt(rng.below(below))),
  });
  const web = await openWebRuntime();
  const runtimes = { node: onnxRuntime({ threads: 1 }), ...(web && { wasm: web }) };
  const kernels = await openKernels(1);
  const figures: Record<string, number> = {};
  try {
    for (const [query, model] of Object.entries(models)) {
      const files: [string, Uint8Array][] = [["float32", encodeOnnx(lowerToOnnx(model))]];
      for (const use of passes) {
        const steps = [{ pass: registry.find("pass", use, use), options: {} }];
        const { recommender } = await applyPasses(model, steps, { kernels, rng: createRng(use) });
        files.push([use, encodeOnnx(lowerToOnnx(recommender))]);
      }
      for (const [name, runtime] of Object.entries(runtimes)) {
        const sessions: Session[] = [];
        for (const [, onnx] of files) sessions.push(await runtime.open(onnx));
        const feeds = () => ({ user: ids(1, USERS, [1]), history: ids(HISTORY, ITEMS, [1, HISTORY]) });
        const best = await byTurns(sessions, () => ({ [query]: feeds()[query as "user"] }));
        files.forEach(([form], f) => {
          const ratio = Math.round((100 * best[f]!) / best[0]!) / 100;
          figures[`${query}, ${name}: ${form}`] = f === 0 ? Math.round(best[0]! * 1e3) / 1e3 : ratio;
          note(`${query}, ${name}: ${form} ${best[f]!.toFixed(3)} ms, ${ratio}×`);
        });
        for (const session of sessions) await session.close();
      }
    }
  } finally {
    await kernels.close();
  }
  return figures;
}

/** The median milliseconds of each session's requests, one of each in every round. */
async function byTurns(sessions: readonly Session[], feeds: () => Record<string, RunTensor>): Promise<number[]> {
  const times: number[][] = sessions.map(() => []);
  for (let round = -3; round < ROUNDS; round++) {
    for (const [s, session] of sessions.entries()) {
      const feed = feeds();
      const start = performance.now();
      await session.run(feed);
      if (round >= 0) times[s]!.push(performance.now() - start);
    }
  }
  return times.map((all) => all.sort((a, b) => a - b)[Math.floor(all.length / 2)]!);
}
