// teacher: fits the recipe's teacher, or opens the artifact that it names.

import { UserError } from "../base/errors.ts";
import { sha256 } from "../base/sha256.ts";
import type { Parts } from "./divide.ts";
import { type Candidate, fitModel } from "./fit.ts";
import type { Recipe } from "./recipe.ts";
import type { Surroundings } from "./surroundings.ts";

/** The model that everything else is measured against. */
export async function teach(parts: Parts, recipe: Recipe, around: Surroundings): Promise<Candidate> {
  const { teacher } = recipe;
  if (teacher.use === undefined) return openTeacher(teacher.artifact, parts, around);
  const { key, value } = await fitModel(teacher, parts, recipe.seed, undefined, `teacher ${teacher.use}`, around);
  return { name: "teacher", role: "teacher", method: teacher.use, recommender: value, key };
}

async function openTeacher(path: string, parts: Parts, { openArtifact, progress }: Surroundings): Promise<Candidate> {
  const task = progress.start("teacher from artifact");
  const { recommender, manifest, itemIds, userIds } = await openArtifact(path);
  const cure = "use the data it was trained on, in the same order, or train a teacher on this data";
  if (!same(itemIds, parts.itemIds))
    throw new UserError(`${path}: its ${itemIds.length} items are not the data's ${parts.itemIds.length}; ${cure}.`);
  if (recommender.query === "user" && !same(userIds ?? [], parts.userIds)) {
    throw new UserError(
      `${path}: its ${userIds?.length ?? 0} users are not the data's ${parts.userIds.length}; ${cure}.`,
    );
  }
  task.end();
  return {
    name: "teacher",
    role: "teacher",
    method: manifest.method,
    recommender,
    key: sha256(JSON.stringify(manifest)),
  };
}

const same = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((id, i) => id === b[i]);
