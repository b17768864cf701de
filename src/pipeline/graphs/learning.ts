// What of a graph learns when it is fine-tuned: all that can, but for what --freeze names and for copies, which are tied.

import type { ForeignArtifact } from "../../artifact/foreign.ts";
import { suggest, UserError } from "../../base/errors.ts";
import { isPruned, levelsOf } from "../../engine/kept-structure.ts";
import type { Levels } from "../../engine/optimizers/keep-clusters.ts";
import type { Model } from "../../engine/training/model.ts";
import { retie } from "../../engine/training/retie.ts";
import { trainableModel } from "../../engine/training/trainable.ts";

/** The model in an artifact; what nothing matches, and a model of which nothing is left to learn, is a UserError. */
export function learningModel({ manifest, graph }: ForeignArtifact, freeze: readonly string[]): Model {
  const packed = manifest.tables.find(({ encoding }) => encoding !== undefined);
  if (packed)
    throw new UserError(
      `${manifest.name}: table "${packed.name}" is ${packed.encoding}, whose numbers cannot learn; fine-tune the artifact that it was compressed from.`,
    );
  const copy = { ...graph, nodes: graph.nodes.map((node) => ({ ...node, inputs: [...node.inputs] })) };
  const tied = { ...copy, initializers: new Map(graph.initializers) };
  retie(tied, manifest.tables);
  const model = trainableModel(tied);
  const all = [...model.weights, ...model.tables];
  if (all.length === 0)
    throw new UserError(`${manifest.name}: none of its constants is a float32 weight that its output follows.`);
  for (const pattern of freeze) {
    if (!all.some(matches(pattern)))
      throw new UserError(`--freeze ${pattern}: nothing that learns is called so. ${suggest(pattern, all)}`);
  }
  const learns = (name: string) => !freeze.some((pattern) => matches(pattern)(name));
  const [weights, tables] = [model.weights.filter(learns), model.tables.filter(learns)];
  if (weights.length + tables.length === 0)
    throw new UserError(`--freeze: all ${all.length} weights and tables are frozen; leave something to learn.`);
  return { ...model, weights, tables };
}

/** The matrices whose zeros are a mask. */
export const sparseWeights = ({ graph, weights }: Model): string[] =>
  weights.filter((name) => isPruned(graph.initializers.get(name)!));

/** The matrices whose numbers are a few levels. */
export const clusteredWeights = ({ graph, weights }: Model): Map<string, Levels> =>
  new Map(
    weights.flatMap((name) => {
      const levels = levelsOf(graph.initializers.get(name)!);
      return levels ? [[name, levels] as const] : [];
    }),
  );

/** Whether a whole name is spelled by a pattern, in which * stands for anything. */
function matches(pattern: string): (name: string) => boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  const expression = new RegExp(`^${parts.join(".*")}$`, "s");
  return (name) => expression.test(name);
}
