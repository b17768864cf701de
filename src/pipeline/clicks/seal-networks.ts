// artifact: seals every network with the columns that read its rows, and says what it weighs and how long it takes.

import { sealForeign } from "../../artifact/foreign.ts";
import { onnxPath } from "../../artifact/paths.ts";
import type { Columns } from "../../data/columns/columns.ts";
import { decodeOnnx } from "../../onnx/decode.ts";
import { inspectModel } from "../../recommender/foreign/inspect.ts";
import type { NetworkResult } from "../../report/clicks/results.ts";
import { networkCosts } from "../costs/network-costs.ts";
import { differentiable } from "../import-model.ts";
import { type Files, runStage } from "../stage.ts";
import type { Surroundings } from "../surroundings.ts";
import { teachersOf } from "./distil-options.ts";
import type { MeasuredNetwork } from "./measure-networks.ts";
import type { Clicks } from "./read-clicks.ts";
import type { ClickRecipe } from "./recipe.ts";

export interface SealedNetwork {
  readonly result: NetworkResult;
  /** The stage whose files are the artifact. */
  readonly stage: { readonly stage: string; readonly key: string };
}

const sealVersion = 1;

/** Every network as an artifact, with what it costs; speed is measured anew each time. */
export async function sealNetworks(
  measured: readonly MeasuredNetwork[],
  clicks: Clicks,
  recipe: ClickRecipe,
  around: Surroundings,
): Promise<SealedNetwork[]> {
  const made: { readonly one: MeasuredNetwork; readonly key: string; readonly files: Files }[] = [];
  for (const one of measured) {
    const { name } = one.network;
    const seen = clicks.seenBy(one.network);
    const { key, value: files } = await runStage<Files>(
      {
        ...{ stage: "artifact", version: sealVersion, label: `artifact ${name}` },
        options: { recipe, name, metrics: one.quality.metrics },
        ...{ inputs: [one.key, seen.key], encode: (made) => made, decode: (made) => made },
        compute: async () => sealOne(one, seen, recipe),
      },
      around,
    );
    made.push({ one, key, files });
  }
  const costs = await networkCosts(
    made.map(({ one: { network, size }, key, files }) => {
      const { weights, tables } = size;
      const examples = clicks.seenBy(network)[recipe.evaluate.part];
      return { name: network.name, parameters: { weights, tables }, key, files, examples };
    }),
    around,
  );
  return made.map(({ one: { network, quality, kept, curve }, key }, i) => ({
    result: {
      ...{ ...quality, name: network.name, network: network.use, kept, curve },
      ...(teachersOf(network).length > 0 && { teachers: teachersOf(network) }),
      ...{ cost: costs[i]!, artifact: `artifacts/${network.name}` },
    },
    stage: { stage: "artifact", key },
  }));
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
