// Every method of every kind, found by name. Only this file and the generated barrels know the lists.

import { suggest, UserError } from "../base/errors.ts";
import { all as clicklogs } from "../clicklogs/index.ts";
import { all as datasets } from "../datasets/index.ts";
import { all as estimators } from "../estimators/index.ts";
import type { ClickLogMethod } from "../kinds/clicklog.ts";
import type { DatasetMethod } from "../kinds/dataset.ts";
import type { EstimatorMethod } from "../kinds/estimator.ts";
import type { LayerPass } from "../kinds/layer-pass.ts";
import type { LossMethod } from "../kinds/loss.ts";
import type { MetricMethod } from "../kinds/metric.ts";
import type { ModelMethod } from "../kinds/model.ts";
import type { NetworkMethod } from "../kinds/network.ts";
import type { PassMethod } from "../kinds/pass.ts";
import type { SplitMethod } from "../kinds/split.ts";
import { all as layerPasses } from "../layer-passes/index.ts";
import { all as losses } from "../losses/index.ts";
import { all as metrics } from "../metrics/index.ts";
import { all as models } from "../models/index.ts";
import { all as networks } from "../networks/index.ts";
import { all as passes } from "../passes/index.ts";
import { all as splits } from "../splits/index.ts";

interface Kinds {
  dataset: DatasetMethod;
  clicklog: ClickLogMethod;
  split: SplitMethod;
  model: ModelMethod;
  network: NetworkMethod;
  loss: LossMethod;
  pass: PassMethod;
  "layer-pass": LayerPass;
  metric: MetricMethod;
  estimator: EstimatorMethod;
}

/** The kinds whose methods take options in a recipe. */
export type KindName = Exclude<keyof Kinds, "metric" | "estimator">;

// The barrels hold each method with its own option type; behind a name chosen at run time only the common type is known.
const lists = {
  dataset: datasets,
  clicklog: clicklogs,
  split: splits,
  model: models,
  network: networks,
  loss: losses,
  pass: passes,
  "layer-pass": layerPasses,
  metric: metrics,
  estimator: estimators,
} as unknown as {
  readonly [K in keyof Kinds]: readonly Kinds[K][];
};

export const registry = {
  ...lists,
  /** The method called `name`; `where` starts the sentence when there is none. */
  find<K extends keyof Kinds>(kind: K, name: string, where: string): Kinds[K] {
    const found = lists[kind].find((method) => method.name === name);
    if (found) return found;
    const known = lists[kind].map((method) => method.name);
    throw new UserError(`${where}: there is no ${kind} named "${name}". ${suggest(name, known)}`);
  },
  /** What dense layers of graphs take: a layer pass, or a pass over their weights as tables. */
  findForLayers(name: string, where: string): PassMethod | LayerPass {
    const found = layerPasses.find((method) => method.name === name);
    if (found) return found as unknown as LayerPass;
    if (passes.some((method) => method.name === name)) return registry.find("pass", name, where);
    const known = [...layerPasses, ...passes].map((method) => method.name);
    throw new UserError(`${where}: there is no pass named "${name}" for layers. ${suggest(name, known)}`);
  },
};
