// export, of a network or an imported graph: its layers in 8 bits as they are, or multiplied in float32 where the targets
// are faster at that. Answers are held against those of the graph as it is, to whose rounding of what layers read the other
// forms do not stoop.

import type { ForeignArtifact } from "../../artifact/foreign.ts";
import { UserError } from "../../base/errors.ts";
import { createRng } from "../../base/rng.ts";
import type { Graph } from "../../graph/graph.ts";
import type { RunTensor, Runtime } from "../../graph/runtime.ts";
import { tensorBytes } from "../../graph/tensor.ts";
import { encodeOnnx } from "../../onnx/encode.ts";
import { inspectModel } from "../../recommender/foreign/inspect.ts";
import { copyOf } from "../graphs/pack-tables.ts";
import { differentiable } from "../import-model.ts";
import { sampleFeeds } from "../sample-feeds.ts";
import type { Progress } from "../surroundings.ts";
import { integerLayers, type LayerForm, layerForms, setLayerForms } from "./integer-layers.ts";
import { type PlannedForms, planForms } from "./plan-forms.ts";
import { type PlanOptions, requests } from "./plan-recommender.ts";
import type { Bench, Exam } from "./try-forms.ts";

/** What layer passes promise of answers, as a share of the largest. */
const tolerance = 0.1;

/** Measures on made-up rows and chooses; nothing of the artifact is changed. */
export async function planGraph(
  { graph, manifest }: Pick<ForeignArtifact, "graph" | "manifest">,
  { batch, smallest }: Omit<PlanOptions, "contrib">,
  { runtime, ...bench }: Bench & { readonly runtime: Runtime; readonly progress: Progress },
): Promise<PlannedForms<LayerForm>> {
  const names = integerLayers(graph);
  if (names.length === 0)
    throw new UserError(`${manifest.name}: no layer is in 8 bits; its model.onnx is in the one form that it has.`);
  const bytes = (name: string) => tensorBytes(graph.initializers.get(name)!).length;
  const parts = names
    .toSorted((a, b) => bytes(b) - bytes(a))
    .map((name) => ({ name, encoding: "int8", forms: layerForms }));
  const exam = await examOf(graph, batch, runtime);
  return planForms(parts, (forms) => encodeOnnx(inForms(graph, forms)), exam, smallest, bench);
}

/** A copy of the graph with layers in these forms; a name that is no such layer's is a UserError. */
export function inForms(graph: Graph, forms: Readonly<Record<string, LayerForm>>): Graph {
  const known = integerLayers(graph);
  const unknown = Object.keys(forms).find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new UserError(`the plan names ${unknown}, which is no layer in 8 bits of this graph; plan anew.`);
  const copy = copyOf(graph);
  setLayerForms(copy, forms);
  return copy;
}

async function examOf(graph: Graph, batch: number, runtime: Runtime): Promise<Exam> {
  const session = await runtime.open(encodeOnnx(graph));
  try {
    const rng = createRng("export");
    const inspection = inspectModel(graph, differentiable);
    const feeds = Array.from({ length: requests }, () => {
      const all = sampleFeeds(inspection, batch, rng);
      return Object.fromEntries(session.inputs.map((name) => [name, all[name]!]));
    });
    const answers: Record<string, RunTensor["data"]>[] = [];
    for (const feed of feeds) {
      const outputs = Object.entries(await session.run(feed)).filter(([, { data }]) => data instanceof Float32Array);
      answers.push(Object.fromEntries(outputs.map(([name, { data }]) => [name, data.slice()])));
    }
    return { feeds, answers, tolerance };
  } finally {
    await session.close();
  }
}
