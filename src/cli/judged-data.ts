// On what a sealed model is judged: the recipe that --data names, or the one that the model's manifest remembers.

import { UserError } from "../base/errors.ts";
import { holdsForeign, openForeignFolder } from "../node/artifact-folder.ts";
import type { ClickRecipe } from "../pipeline/clicks/recipe.ts";
import type { Recipe } from "../pipeline/recipe.ts";
import { artifactDraft } from "./artifact-draft.ts";
import { type Draft, readDraft, settleAny } from "./read-recipe.ts";

/** The checked recipe without its gates, and the folder that its paths start from. */
export async function judgedData(
  artifact: string,
  { data, set }: { readonly data?: string | undefined; readonly set?: readonly string[] | undefined },
): Promise<{ readonly recipe: Recipe | ClickRecipe; readonly base: string }> {
  const foreign = await holdsForeign(artifact);
  const draft = foreign ? await networkDraft(artifact, data) : await artifactDraft(artifact, data);
  const recipe = settleAny({ ...draft, raw: { ...draft.raw, gates: [] } }, set);
  if (foreign === "clicklog" in recipe) return { recipe, base: draft.base };
  const [is, other] = foreign ? ["a network", "a click log"] : ["a recommender", "interactions"];
  throw new UserError(`${data ?? artifact}: ${artifact} is ${is}; give a recipe of ${other} with --data.`);
}

async function networkDraft(artifact: string, data: string | undefined): Promise<Draft> {
  if (data !== undefined) return readDraft(data);
  const { trained } = (await openForeignFolder(artifact)).manifest;
  if (trained) return { raw: trained.recipe as Record<string, unknown>, source: artifact, base: "." };
  throw new UserError(
    `${artifact}: it was imported, and its manifest names no data; give --data RECIPE of a click log.`,
  );
}
