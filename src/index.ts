// The public table of contents, for Node. A page imports "distilrec/edge" instead.

export { type Artifact, openArtifact } from "./artifact/open.ts";
export { sealArtifact } from "./artifact/seal.ts";
export { UserError } from "./base/errors.ts";
export { createRng, type Rng } from "./base/rng.ts";
export { type Events, type Interactions, type Split, toInteractions } from "./data/interactions.ts";
export type { Kernels } from "./kernels/kernels.ts";
export { defineDataset } from "./kinds/dataset.ts";
export { defineLoss } from "./kinds/loss.ts";
export { defineMetric } from "./kinds/metric.ts";
export { defineModel } from "./kinds/model.ts";
export { definePass } from "./kinds/pass.ts";
export { defineSplit } from "./kinds/split.ts";
export { openArtifactFolder } from "./node/artifact-folder.ts";
export { startServer } from "./node/serve.ts";
export { openSurroundings } from "./node/surroundings.ts";
export { openKernels } from "./node/threads.ts";
export { evaluate } from "./pipeline/evaluate.ts";
export { parseRecipe, type Recipe } from "./pipeline/recipe.ts";
export { parseRecipeText } from "./pipeline/recipe-text.ts";
export { registry } from "./pipeline/registry.ts";
export { run } from "./pipeline/run.ts";
export type { Progress, Surroundings } from "./pipeline/surroundings.ts";
export type { Recommender } from "./recommender/recommender.ts";
export { openScorer, type Scorer } from "./recommender/scorer.ts";
export { renderReport } from "./report/report.ts";
export type { Results, Variant } from "./report/results.ts";
export { createApp } from "./serve/app.ts";
