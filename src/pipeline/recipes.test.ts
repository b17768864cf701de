// The recipes that ship, and the one in the docs: they parse, and editors agree.

import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { z } from "zod";
import { isClickRecipe, parseClickRecipe } from "./clicks/recipe.ts";
import { parseRecipe } from "./recipe.ts";
import { recipeJsonSchema } from "./recipe-schema.ts";
import { parseRecipeText } from "./recipe-text.ts";

const files = readdirSync("recipes").filter((file) => file.endsWith(".yaml"));
const example = /```yaml\n(.*?)```/s.exec(readFileSync("docs/recipes.md", "utf8"))?.[1] ?? "";
const recipes = [
  ...files.map((file) => [file, readFileSync(`recipes/${file}`, "utf8")]),
  ["docs/recipes.md", example],
] as [string, string][];
const schema = z.fromJSONSchema(recipeJsonSchema() as Parameters<typeof z.fromJSONSchema>[0]);

test.each(recipes)("%s", (file, text) => {
  expect(text).toMatch(/^# yaml-language-server: \$schema=\.\/recipe\.schema\.json\n/);
  const raw = parseRecipeText(text, file);
  const recipe = isClickRecipe(raw) ? parseClickRecipe(raw, file) : parseRecipe(raw, file);
  if (file !== "docs/recipes.md") expect(`${recipe.name}.yaml`).toBe(file);
  expect(schema.safeParse(raw).error).toBeUndefined();
});

test("the schema knows what a network's entry says beside its options", () => {
  const raw = (calibrate: string) => ({
    ...{ name: "x", clicklog: { use: "frappe", path: "x" } },
    networks: [{ name: "a", use: "fm", calibrate }],
  });
  expect(schema.safeParse(raw("platt")).error).toBeUndefined();
  expect(schema.safeParse(raw("plat")).success).toBe(false);
});

test("the schema refuses what a run would refuse", () => {
  const raw = parseRecipeText(example, "docs/recipes.md");
  const teacher = { use: "ease", lamda: 1 };
  for (const change of [
    { teacher },
    { taecher: teacher },
    { split: { use: "rnadom" } },
    { evaluate: { metrics: ["ndgc"] } },
  ]) {
    expect(schema.safeParse({ ...raw, ...change }).success).toBe(false);
  }
});
