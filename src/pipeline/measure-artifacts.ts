// Sealed recommenders on the data of a recipe, measured as a run measures its own: what compare, evaluate and verify need.

import { type Bench, benchOf } from "./bench.ts";
import { divide, type Parts } from "./divide.ts";
import type { Candidate } from "./fit.ts";
import { type Measured, measure } from "./measure.ts";
import { type Data, readData } from "./read-data.ts";
import type { Recipe } from "./recipe.ts";
import type { Surroundings } from "./surroundings.ts";
import { teachModel } from "./teach.ts";

/** A sealed recommender by the path of its folder, and what to call it. */
export interface NamedArtifact {
  readonly name: string;
  readonly path: string;
}

export interface MeasuredArtifacts {
  readonly data: Data;
  readonly parts: Parts;
  readonly bench: Bench;
  /** In the order asked for. */
  readonly measured: readonly Measured[];
}

/** Opens, aligns and measures them; one that does not know the data's users or items is a UserError. */
export async function measureArtifacts(
  artifacts: readonly NamedArtifact[],
  recipe: Recipe,
  around: Surroundings,
): Promise<MeasuredArtifacts> {
  const data = await readData(recipe, around);
  const parts = divide(data, recipe, around);
  const bench = await benchOf(data, parts, recipe, around);
  const opened = await openArtifacts(artifacts, parts, recipe, around);
  return { data, parts, bench, measured: await measure(opened, bench, parts, recipe, around) };
}

/** Opens them, their rows those of the parts' users and items. */
export async function openArtifacts(
  artifacts: readonly NamedArtifact[],
  parts: Parts,
  recipe: Recipe,
  around: Surroundings,
): Promise<Candidate[]> {
  const opened: Candidate[] = [];
  for (const { name, path } of artifacts) {
    opened.push({ ...(await teachModel({ artifact: path }, parts, recipe.seed, around)), name });
  }
  return opened;
}
