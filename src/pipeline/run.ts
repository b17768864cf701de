// The flow, once. Nothing else knows the order.

import type { Results } from "../report/results.ts";
import { benchOf } from "./bench.ts";
import { compress } from "./compress-variants.ts";
import { distil } from "./distil.ts";
import { divide } from "./divide.ts";
import { gatesOf } from "./gates.ts";
import { judge } from "./judge.ts";
import { measure } from "./measure.ts";
import { publish } from "./publish.ts";
import { readData } from "./read-data.ts";
import type { Recipe } from "./recipe.ts";
import { seal } from "./seal.ts";
import type { Surroundings } from "./surroundings.ts";
import { teach } from "./teach.ts";
import { measureLists } from "./teachers/reference.ts";
import { isModel } from "./teachers/teacher.ts";

/** From interactions to sealed, measured recommenders and their report; every step keeps what it made. */
export async function run(recipe: Recipe, around: Surroundings): Promise<Results> {
  const data = await readData(recipe, around);
  const parts = divide(data, recipe, around);
  const bench = await benchOf(data, parts, recipe, around);
  const gates = gatesOf(recipe, bench);
  const teacher = await teach(parts, recipe, around);
  const students = await distil(teacher, parts, recipe, around);
  const candidates = await compress(
    isModel(teacher) ? [teacher, ...students] : students,
    teacher,
    data,
    parts,
    recipe,
    around,
  );
  const listed = isModel(teacher) ? undefined : measureLists(teacher, bench, recipe);
  const measured = await measure(candidates, bench, parts, recipe, around, listed);
  const sealed = await seal(measured, data, parts, recipe, around);
  const judged = await judge(sealed, gates, bench, parts, recipe, around, listed);
  return publish(judged, bench, data, parts, recipe, around, listed);
}
