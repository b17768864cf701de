// recipes/recipe.schema.json: what editors check and complete recipes by.

import type { Generated } from "./index.ts";

export async function recipeSchema(): Promise<Generated[]> {
  const { recipeJsonSchema } = await import("../../src/pipeline/recipe-schema.ts");
  return [{ path: "recipes/recipe.schema.json", text: `${JSON.stringify(recipeJsonSchema(), null, 2)}\n` }];
}
