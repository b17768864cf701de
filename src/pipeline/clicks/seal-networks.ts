// artifact: seals every network with the columns that read its rows, and says what it weighs and how long it takes.

import { sealForeign } from "../../artifact/foreign.ts";
import { columnsPath, manifestPath, onnxPath } from "../../artifact/paths.ts";
import { must } from "../../base/errors.ts";
import type { Columns } from "../../data/columns/columns.ts";
import { batches, type Examples } from "../../data/examples.ts";
import { decodeOnnx } from "../../onnx/decode.ts";
import { inspectModel } from "../../recommender/foreign/inspect.ts";
import type { NetworkResult } from "../../report/clicks/results.ts";
import { differentiable } from "../import-model.ts";
import { type Files, runStage } from "../stage.ts";
import type { Surroundings } from "../surroundings.ts";
import { weighFiles } from "../weigh.ts";
import type { MeasuredNetwork } from "./measure-networks.ts";
import { feedsOf, firstRows } from "./predict.ts";
import type { Clicks } from "./read-clicks.ts";
import type { ClickRecipe } from "./recipe.ts";

export interface SealedNetwork {
  readonly result: NetworkResult;
  /** The stage whose files are the artifact. */
  readonly stage: { readonly stage: string; readonly key: string };
}

const sealVersion = 1;
const batchOfMany = 256;

/** Every network as an artifact, with what it costs; latency is measured anew each time. */
export async function sealNetworks(
  measured: readonly MeasuredNetwork[],
  clicks: Clicks,
  recipe: ClickRecipe,
  around: Surroundings,
): Promise<SealedNetwork[]> {
  const sealed: SealedNetwork[] = [];
  for (const one of measured) {
    const { name, use } = one.network;
    const { key, value: files } = await runStage<Files>(
      {
        ...{ stage: "artifact", version: sealVersion, label: `artifact ${name}` },
        options: { recipe, name, metrics: one.quality.metrics },
        ...{ inputs: [one.key, clicks.key], encode: (made) => made, decode: (made) => made },
        compute: async () => sealOne(one, clicks, recipe),
      },
      around,
    );
    const { weights, tables, flops } = one.size;
    const loaded = [manifestPath, onnxPath, columnsPath].map((path) => must(files[path], path));
    const result: NetworkResult = {
      ...{ ...one.quality, name, network: use },
      ...{ kept: one.kept, curve: one.curve },
      ...{ parameters: { weights, tables }, flopsPerRow: flops, bytes: await weighFiles(name, key, loaded, around) },
      latencyMs: {
        one: await latency(one.onnx, clicks[recipe.evaluate.part], 1, around),
        many: await latency(one.onnx, clicks[recipe.evaluate.part], batchOfMany, around),
      },
      artifact: `artifacts/${name}`,
    };
    sealed.push({ result, stage: { stage: "artifact", key } });
  }
  return sealed;
}

function sealOne(
  { network, onnx, quality: { metrics }, size }: MeasuredNetwork,
  clicks: Clicks,
  recipe: ClickRecipe,
): Files {
  const graph = decodeOnnx(onnx, onnxPath);
  const found = inspectModel(graph, differentiable);
  const files = sealForeign({
    ...{ name: network.name, graph, columns: clicks.columns },
    trained: {
      ...{ network: network.use, recipe, seed: recipe.seed, metrics, size },
      dataset: { name: clicks.name, fingerprint: clicks.fingerprint },
    },
    inputs: found.inputs.map(({ name, dtype, shape, role }) => ({
      ...{ name, dtype, shape, role, columns: sourcesOf(name, clicks.columns) },
    })),
    outputs: found.outputs.map(({ name, dtype, shape, role }) => ({ name, dtype, shape, role })),
    tables: found.tables.map(({ name, rows, cols, pickers, copies }) => ({ name, rows, cols, pickers, copies })),
  });
  return Object.fromEntries(files);
}

/** The columns of a raw row that an input of the graph is made from. */
function sourcesOf(input: string, { fitted, inputs }: Columns): string[] {
  const ids = new Set(inputs.places.map(({ name }) => name));
  const others = new Set([...inputs.bags, ...inputs.dense].map(({ name }) => name));
  const wanted = (name: string): boolean => {
    if (input === "ids") return ids.has(name);
    if (input === "numeric") return !ids.has(name) && !others.has(name);
    return [`bag.${name}`, `bag.${name}.mask`, `dense.${name}`].includes(input);
  };
  return fitted.filter(({ name, column }) => wanted(name ?? column)).map(({ column }) => column);
}

const warmUp = 20;
const runsAtMost = 300;
const secondsAtMost = 1;

/** Median and 99th percentile milliseconds of runs over `n` rows that are encoded already, after warm-up. */
async function latency(
  onnx: Uint8Array,
  examples: Examples,
  n: number,
  { runtime, clock }: Surroundings,
): Promise<{ p50: number; p99: number }> {
  const session = await runtime.open(onnx);
  try {
    const [batch] = batches(firstRows(examples, n), { batch: n });
    const feeds = feedsOf(session, batch!.feeds);
    for (let i = 0; i < warmUp; i++) await session.run(feeds);
    const times: number[] = [];
    const end = clock() + secondsAtMost;
    while (times.length < runsAtMost && (times.length < 30 || clock() < end)) {
      const start = clock();
      await session.run(feeds);
      times.push(1000 * (clock() - start));
    }
    times.sort((a, b) => a - b);
    const at = (share: number) => Number(times[Math.floor(share * (times.length - 1))]!.toPrecision(3));
    return { p50: at(0.5), p99: at(0.99) };
  } finally {
    await session.close();
  }
}
