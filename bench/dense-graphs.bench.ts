// A network's dense layers as layer passes leave them, against float32 in the same run, in turn, on one thread: an MLP
// 429-400-400-400-1, the size of a click network; and the same with half of its hidden neurons. Whether the processor has VNNI decides what 8 bits gain.

import { existsSync, readFileSync } from "node:fs";
import type { LayerPass } from "../src/kinds/layer-pass.ts";
import { all } from "../src/layer-passes/index.ts";
import { onnxRuntime } from "../src/node/onnx-runtime.ts";
import { openKernels } from "../src/node/threads.ts";
import { encodeOnnx } from "../src/onnx/encode.ts";
import { narrowLayers } from "../src/pipeline/graphs/narrow-layers.ts";
import { copyOf } from "../src/pipeline/graphs/pack-tables.ts";
import { denseGraph, denseRows, layerContext } from "../test/dense-graphs.ts";
import type { Figures, QualityContext } from "./case.ts";
import { round } from "./spread.ts";

const rounds = 15;
/** A random weight has no low rank. */
const chosen: Readonly<Record<string, object>> = { factorize: { rank: 100 } };
const cpu = "/proc/cpuinfo";

export async function measure({ note }: QualityContext): Promise<Figures> {
  const kernels = await openKernels(1);
  const runtime = onnxRuntime({ threads: 1 });
  const graph = denseGraph("gemm", [429, 400, 400, 400, 1]);
  const before = encodeOnnx(graph);
  const passes = all as unknown as readonly LayerPass[];
  const figures: Record<string, number> = {};
  const models = new Map([["float32", before]]);
  for (const pass of passes) {
    const edited = copyOf(graph);
    const changes = await pass.apply(
      edited,
      pass.options.parse(chosen[pass.name] ?? {}),
      layerContext(denseRows(graph, 1024), kernels),
    );
    const claimed = changes.reduce((sum, one) => sum + ("refused" in one ? 0 : one.bytes.before - one.bytes.after), 0);
    models.set(pass.name, encodeOnnx(edited));
    figures[`${pass.name}, bytes`] = models.get(pass.name)!.length;
    figures[`${pass.name}, bytes of those claimed`] = round(models.get(pass.name)!.length / (before.length - claimed));
  }
  const narrow = copyOf(graph);
  narrowLayers(narrow, 0.5);
  models.set("half of the neurons", encodeOnnx(narrow));
  const sessions = new Map<string, Awaited<ReturnType<typeof runtime.open>>>();
  for (const [name, model] of models) sessions.set(name, await runtime.open(model));
  for (const rows of [1, 64, 1024]) {
    const feeds = denseRows(graph, rows);
    const times = new Map([...sessions.keys()].map((name) => [name, [] as number[]]));
    const repeats = Math.max(1, Math.floor(256 / rows));
    for (let round = 0; round < rounds; round++) {
      for (const [name, session] of sessions) {
        const start = performance.now();
        for (let i = 0; i < repeats; i++) await session.run(feeds);
        times.get(name)!.push((performance.now() - start) / repeats);
      }
    }
    for (const [name, own] of times) {
      note(`${name}, ${rows} rows: ${Math.min(...own).toFixed(3)} ms at least`);
      if (name === "float32") continue;
      // Others on the machine make times longer, never shorter.
      figures[`${name}, times as fast, ${rows} rows`] = round(Math.min(...times.get("float32")!) / Math.min(...own));
    }
  }
  for (const session of sessions.values()) await session.close();
  await kernels.close();
  figures["vnni"] = existsSync(cpu) && /avx(512)?_vnni/.test(readFileSync(cpu, "utf8")) ? 1 : 0;
  return figures;
}
