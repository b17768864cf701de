// What is done to layers before training and while it goes on: steps whose zeros and equal weights training keeps, and
// pruning by a schedule.

import { UserError } from "../../base/errors.ts";
import { chosenLayers } from "../../engine/layer-changes.ts";
import type { Model } from "../../engine/training/model.ts";
import type { Trainer } from "../../engine/training/trainer.ts";
import { asKept, type DenseLayer, inColumns } from "../../graph/dense-layers.ts";
import { usesOf } from "../../graph/uses.ts";
import type { Aware, Pruning } from "../../kinds/aware.ts";
import { parseOptions } from "../../kinds/options.ts";
import { type Around, type LayerStep, type PackedTable, packGraph, type Steps } from "./pack-graph.ts";
import { copyOf } from "./pack-tables.ts";

/** How a graph learns toward a step; undefined where it knows nothing of it. */
export function awareOf({ pass, options }: LayerStep, where: string): Aware | undefined {
  const given = parseOptions(pass.options, options, `${where} (${pass.name})`);
  return "aware" in pass ? pass.aware?.(given) : undefined;
}

export interface Begun {
  readonly model: Model;
  /** What is to be done after training. */
  readonly left: Steps;
  /** What became of the layers so far. */
  readonly layers: readonly PackedTable[];
  readonly pruned: readonly PrunedLayer[];
}

export interface PrunedLayer {
  readonly layer: DenseLayer;
  readonly by: Pruning;
}

/** The model after the steps that come before training. */
export async function begin(model: Model, { tables, layers }: Steps, around: Around): Promise<Begun> {
  const aware = layers.map((step, i) => awareOf(step, `layers[${i}]`));
  const first = layers.filter((_, i) => aware[i]?.first);
  const graph = copyOf(model.graph);
  const done = first.length === 0 ? [] : (await packGraph(graph, [], { tables: [], layers: first }, around)).layers;
  const uses = usesOf(graph);
  const pruned = aware.flatMap((one) =>
    one?.pruning
      ? chosenLayers(uses, { opset: 7, least: one.least ?? 0 })
          .layers.filter(({ name }) => model.weights.includes(name))
          .map((layer) => ({ layer, by: one.pruning! }))
      : [],
  );
  if (pruned.length > 0 && first.length > 0)
    throw new UserError(
      `layers: ${first.map(({ pass }) => pass.name).join(", ")} would come before weights that are pruned on the way; prune first, by a command of its own.`,
    );
  return {
    ...{ model: { ...model, graph }, layers: done, pruned },
    left: { tables, layers: layers.filter((_, i) => !aware[i]?.first) },
  };
}

/** Sets to 0 what is due before the trainer's next update, of `updates` in all. */
export function prune(trainer: Trainer, pruned: readonly PrunedLayer[], updates: number): void {
  const now = trainer.updates();
  for (const { layer, by } of pruned) {
    const last = lastMask(by, updates);
    if (now !== last && (now > last || now % by.every !== 0)) continue;
    trainer.change(layer.name, (data) => {
      const weight = inColumns(layer, data);
      by.zero(weight, now === last ? by.end : now / updates);
      data.set(asKept(layer, weight).data as Float32Array);
    });
  }
}

/** Whether every mask is drawn. */
export const arePruned = (trainer: Trainer, pruned: readonly PrunedLayer[], updates: number): boolean =>
  pruned.every(({ by }) => trainer.updates() > lastMask(by, updates));

const lastMask = ({ end }: Pruning, updates: number): number => Math.floor(end * updates);
