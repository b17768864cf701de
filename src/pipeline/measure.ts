// evaluate: what every candidate would show to whom, the figures that follow from it, and a few users' lists for people
// to read.

import { createRng } from "../base/rng.ts";
import { rowOf } from "../data/interactions.ts";
import { type Evaluation, figuresOf, type UserValues, userValues } from "../evidence/evaluate.ts";
import { type Judgement, type RankedLists, rankAll, rankCandidates } from "../evidence/lists.ts";
import type { Recommender } from "../recommender/recommender.ts";
import type { Bench } from "./bench.ts";
import type { Parts } from "./divide.ts";
import type { Candidate } from "./fit.ts";
import { decodeLists, encodeLists } from "./list-files.ts";
import type { Recipe } from "./recipe.ts";
import { type Keyed, runStage } from "./stage.ts";
import type { Surroundings } from "./surroundings.ts";

export interface Measured extends Candidate {
  readonly quality: Evaluation;
  readonly lists: RankedLists;
}

/** What others are compared with: a model that was measured, or the lists of a teacher that has none. */
export interface Reference extends Pick<Measured, "name" | "key" | "quality" | "lists"> {
  readonly recommender?: Recommender;
}

const rankVersion = 1;
const version = 5;
const sampleUsers = 3;

/** Every candidate with its lists and figures, in the same order; errors of differences are from `listed`, or the first. */
export async function measure(
  candidates: readonly Candidate[],
  bench: Bench,
  parts: Parts,
  recipe: Recipe,
  around: Surroundings,
  listed?: Reference,
): Promise<Measured[]> {
  const measured: Measured[] = [];
  let first = listed && valued({ key: listed.key, value: listed.lists }, bench, recipe);
  for (const candidate of candidates) {
    const lists = valued(await rank(candidate, bench, parts, recipe, around), bench, recipe);
    const quality = await figures(candidate, lists, first, bench, recipe, around);
    first ??= lists;
    measured.push({ ...candidate, quality, lists: lists.value });
  }
  return measured;
}

/** What the candidate lists for each user of the bench. */
export function rank(
  { name, key, recommender }: Candidate,
  { judgement, candidates, metrics }: Bench,
  parts: Parts,
  { evaluate: { part, ks } }: Pick<Recipe, "evaluate">,
  around: Surroundings,
): Promise<Keyed<RankedLists>> {
  const k = Math.max(...ks);
  const places = metrics.some(({ needs }) => needs === "places");
  return runStage<RankedLists>(
    {
      ...{ stage: "rank", version: rankVersion, label: `rank ${name}` },
      options: { part, k, ...(places && { places }) },
      inputs: [key, parts.hash, ...(candidates ? [candidates.fingerprint] : [])],
      encode: encodeLists,
      decode: (files) => decodeLists(files, judgement.truth, k),
      compute: (progress) => {
        const ranking = { places, name, userIds: parts.userIds, progress };
        return candidates
          ? rankCandidates(around.kernels, recommender, judgement, candidates, k, ranking)
          : rankAll(around.kernels, recommender, judgement, k, ranking);
      },
    },
    around,
  );
}

/** Lists with the values of their users, found when they are first asked for: the teacher's serve every candidate. */
interface Valued extends Keyed<RankedLists> {
  values(): UserValues;
}

function valued(
  lists: Keyed<RankedLists>,
  { judgement, catalogue, metrics, slices }: Bench,
  { evaluate: { ks } }: Recipe,
): Valued {
  let found: UserValues | undefined;
  return {
    ...lists,
    values() {
      found ??= userValues(lists.value, judgement, catalogue, { ks, metrics, slices });
      return found;
    },
  };
}

async function figures(
  { name }: Candidate,
  lists: Valued,
  first: Valued | undefined,
  { catalogue, metrics, slices, key }: Bench,
  { evaluate: { ks } }: Recipe,
  around: Surroundings,
): Promise<Evaluation> {
  const { value } = await runStage<Evaluation>(
    {
      ...{ stage: "evaluate", version, label: `evaluate ${name}` },
      inputs: [lists.key, ...(first ? [first.key] : []), key],
      options: { ks, metrics: metrics.map((metric) => metric.name) },
      encode: (found) => ({ "quality.json": new TextEncoder().encode(JSON.stringify(found)) }),
      decode: (files) => JSON.parse(new TextDecoder().decode(files["quality.json"])) as Evaluation,
      compute: async () => figuresOf(lists.values(), lists.value, catalogue, { ks, metrics, slices }, first?.values()),
    },
    around,
  );
  return value;
}

/** A few users with enough history and truth to be worth reading. */
export function chooseUsers({ seen, truth }: Judgement, seed: number): number[] {
  const all = Array.from({ length: truth.users }, (_, u) => u).filter((u) => rowOf(truth, u).length > 0);
  const rich = all.filter((u) => rowOf(seen, u).length >= 5 && rowOf(truth, u).length >= 2);
  const from = Int32Array.from(rich.length >= sampleUsers ? rich : all);
  return [...createRng(seed).fork("samples").shuffle(from).slice(0, sampleUsers)].sort((a, b) => a - b);
}
