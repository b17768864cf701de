// verify, of a run of recommenders: the data is read, its models are opened and everything that follows from them alone is
// found again. Costs are claims of a machine and its load; they are not measured again.

import { UserError } from "../base/errors.ts";
import type { GateOutcome } from "../report/evidence-results.ts";
import type { Results, Variant } from "../report/results.ts";
import { benchOf } from "./bench.ts";
import { type Difference, differences } from "./differences.ts";
import { divide } from "./divide.ts";
import { gatesOf } from "./gates.ts";
import { judge } from "./judge.ts";
import { measure } from "./measure.ts";
import { type NamedArtifact, openArtifacts } from "./measure-artifacts.ts";
import { readData } from "./read-data.ts";
import type { Recipe } from "./recipe.ts";
import type { Sealed } from "./seal.ts";
import type { Surroundings } from "./surroundings.ts";
import { keptLists, readKeptLists } from "./teachers/kept-lists.ts";

/** What was found again, and all of it that is not as claimed. */
export interface Verified {
  /** Numbers and verdicts that were compared. */
  readonly compared: number;
  readonly differences: readonly Difference[];
}

/**
 * Measures the artifacts, one a variant of the results in their order, and compares with what the results claim; `run` is
 * their folder, where the lists are of a teacher that has no model.
 */
export async function verifyRecommenders(
  results: Results,
  artifacts: readonly NamedArtifact[],
  run: string,
  recipe: Recipe,
  around: Surroundings,
): Promise<Verified> {
  const data = await readData(recipe, around);
  const parts = divide(data, recipe, around);
  const found = { fingerprint: data.fingerprint, split: parts.hash };
  const claimed = { fingerprint: results.dataset.fingerprint, split: results.split.hash };
  const other = differences("data:", claimed, found);
  // On other data every figure is another one, and models may not even know its items.
  if (other.length > 0) return { compared: 2, differences: other };
  const bench = await benchOf(data, parts, recipe, around);
  const opened = await openArtifacts(artifacts, parts, recipe, around);
  const { teacher } = results;
  const listed = teacher && (await readKeptLists(`${run}/${keptLists}`, teacher.method, parts, bench, recipe, around));
  const measured = await measure(opened, bench, parts, recipe, around, listed);
  const sealed = measured.map((one): Sealed => {
    const variant = results.variants.find(({ name }) => name === one.name);
    if (!variant) throw new UserError(`${one.name}: the results do not know it; run the recipe again.`);
    return { ...one, role: variant.role, variant: { ...variant, ...one.quality }, stage: { stage: "", key: "" } };
  });
  const judged = await judge(sealed, gatesOf(recipe, bench), bench, parts, recipe, around, listed);
  const all = judged.map(({ name, variant }) => ({
    name,
    was: followed(results.variants.find((one) => one.name === name)!),
    is: followed(variant),
  }));
  if (teacher && listed) all.push({ name: "teacher", was: followed(teacher), is: followed(listed.quality) });
  return {
    compared: 2 + all.reduce((sum, { is }) => sum + leaves(is), 0),
    differences: all.flatMap(({ name, was, is }) => differences(`${name}:`, was, is)),
  };
}

/** What follows from a model, its data and its claimed cost, as results.json holds it. */
const followed = ({
  metrics,
  standardError,
  slices,
  fidelity,
  gates,
}: Pick<Variant, "metrics" | "standardError" | "slices"> & Partial<Variant>): unknown =>
  JSON.parse(JSON.stringify({ metrics, standardError, slices, fidelity, gates: gates?.map(numbersOf) }));

/** An outcome without its words, which a release may choose anew. */
export const numbersOf = ({ gate: _, words: __, ...numbers }: GateOutcome): Omit<GateOutcome, "gate" | "words"> =>
  numbers;

/** Numbers and words in a plain JSON value. */
export const leaves = (value: unknown): number =>
  typeof value === "object" && value !== null ? Object.values(value).reduce((sum, one) => sum + leaves(one), 0) : 1;
