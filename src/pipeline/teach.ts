// teacher: fits the recipe's teacher, or opens the artifact that it names.

import type { Artifact } from "../artifact/open.ts";
import { UserError } from "../base/errors.ts";
import { sha256 } from "../base/sha256.ts";
import { canPickRows, pickRows } from "../recommender/pick-rows.ts";
import type { Recommender } from "../recommender/recommender.ts";
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
  const artifact = await openArtifact(path);
  const { manifest, recommender } = artifact;
  const userIds = recommender.query === "user" ? (artifact.userIds ?? []) : parts.userIds;
  const same = sameIds(artifact.itemIds, parts.itemIds) && sameIds(userIds, parts.userIds);
  const aligned = same ? recommender : picked(path, artifact, userIds, parts);
  task.end();
  return {
    name: "teacher",
    role: "teacher",
    method: manifest.method,
    recommender: aligned,
    key: sha256(JSON.stringify(manifest) + (same ? "" : parts.hash)),
  };
}

/** The rows of the data's items and users, where the artifact knows all of them under other numbers. */
function picked(path: string, artifact: Artifact, userIds: readonly string[], parts: Parts): Recommender {
  const { recommender, itemIds } = artifact;
  const items = places(itemIds, parts.itemIds);
  const users = places(userIds, parts.userIds);
  const cure = "use the data it was trained on, or train a teacher on this data";
  for (const [what, known, found, wanted] of [
    ["items", itemIds, items, parts.itemIds],
    ["users", userIds, users, parts.userIds],
  ] as const) {
    const at = found.indexOf(-1);
    if (at < 0) continue;
    const missing = `the data's ${what} include "${wanted[at]}", its ${known.length} ${what} do not`;
    throw new UserError(`${path}: ${missing}; ${cure}.`);
  }
  if (!canPickRows(recommender)) {
    throw new UserError(
      `${path}: it knows other items or users than the data, and its tables are compressed; ${cure}.`,
    );
  }
  return pickRows(recommender, items, users);
}

const places = (known: readonly string[], wanted: readonly string[]): Int32Array => {
  const at = new Map(known.map((id, index) => [id, index]));
  return Int32Array.from(wanted, (id) => at.get(id) ?? -1);
};

const sameIds = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((id, i) => id === b[i]);
