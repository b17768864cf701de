// teacher: fits the recipe's teacher, or opens the artifact that it names.

import { openArtifact } from "../artifact/open.ts";
import { UserError } from "../base/errors.ts";
import { sha256 } from "../base/sha256.ts";
import type { Parts } from "./divide.ts";
import { type Candidate, fit } from "./fit.ts";
import type { Recipe } from "./recipe.ts";
import type { Surroundings } from "./surroundings.ts";

/** The model that everything else is measured against. */
export async function teach(parts: Parts, recipe: Recipe, around: Surroundings): Promise<Candidate> {
  if (isSealed(recipe.teacher)) return openTeacher(recipe.teacher.artifact, parts, around);
  const { key, value } = await fit(
    recipe.teacher,
    parts,
    recipe.seed,
    undefined,
    `teacher ${recipe.teacher.use}`,
    around,
  );
  return { name: "teacher", role: "teacher", method: recipe.teacher.use, recommender: value, key };
}

const isSealed = (teacher: Recipe["teacher"]): teacher is { readonly artifact: string } => "artifact" in teacher;
