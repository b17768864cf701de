// The package in Node, one line an export. Pages import distilrec/edge instead.

export { openAnswers } from "./artifact/answers.ts";
export type { Artifact } from "./artifact/open.ts";
export { UserError } from "./base/errors.ts";
export { openArtifactFolder } from "./node/artifact-folder.ts";
export { startServer } from "./node/serve.ts";
export { openSurroundings } from "./node/surroundings.ts";
export { openKernels } from "./node/threads.ts";
export { parseRecipe, type Recipe } from "./pipeline/recipe.ts";
export { parseRecipeText } from "./pipeline/recipe-text.ts";
export { run } from "./pipeline/run.ts";
export { openScorer, type Scorer } from "./recommender/scorer.ts";
export { renderReport } from "./report/report.ts";
export type { Results, Variant } from "./report/results.ts";
export { createApp } from "./serve/app.ts";
