// evaluate: what every candidate would show to whom (full ranking of the recipe's part), the figures that follow from
// it, and a few users' lists for people to read.

import { UserError } from "../base/errors.ts";
import { createRng } from "../base/rng.ts";
import { type Interactions, rowOf, union } from "../data/interactions.ts";
import { catalogueOf } from "../evidence/catalogue.ts";
import { type Evaluation, evaluate } from "../evidence/evaluate.ts";
import { type Judgement, type RankedLists, rankAll, usersToJudge } from "../evidence/lists.ts";
import { coldUsers, popularityBands, type Slice } from "../evidence/slices.ts";
import type { Catalogue } from "../kinds/catalogue.ts";
import type { MetricMethod } from "../kinds/metric.ts";
import type { Parts } from "./divide.ts";
import type { Candidate } from "./fit.ts";
import type { Data } from "./read-data.ts";
import type { Recipe } from "./recipe.ts";
import { registry } from "./registry.ts";
import { type Keyed, runStage } from "./stage.ts";
import type { Surroundings } from "./surroundings.ts";

export interface Measured extends Candidate {
  readonly quality: Evaluation;
  readonly lists: RankedLists;
}

/** What all candidates are judged by. */
export interface Bench {
  readonly judgement: Judgement;
  readonly catalogue: Catalogue;
  readonly metrics: readonly MetricMethod[];
  readonly slices: readonly Slice[];
}

const rankVersion = 1;
const version = 3;
const sampleUsers = 3;

/** What a user had before the evaluated part: train, and validation too when testing. */
export const seenBefore = (parts: Parts, part: Recipe["evaluate"]["part"]): Interactions =>
  part === "test" ? union(parts.train, parts.validation) : parts.train;

/** The part to find, what was known before, the metrics, and the slices that are judged apart. */
export async function benchOf(_data: Data, parts: Parts, { evaluate }: Recipe, _around: Surroundings): Promise<Bench> {
  const { part, cold } = evaluate;
  const catalogue = catalogueOf(parts.train);
  return {
    judgement: { train: parts.train, seen: seenBefore(parts, part), truth: parts[part] },
    catalogue,
    metrics: metricsOf(evaluate, catalogue),
    slices: [...popularityBands(catalogue), coldUsers(parts.train, cold)],
  };
}

/** The metrics that are asked for; else all that the data permits. */
function metricsOf({ metrics: asked }: Recipe["evaluate"], { tags }: Catalogue): MetricMethod[] {
  if (!asked) return registry.metric.filter(({ needs }) => tags || needs !== "tags");
  return asked.map((name) => {
    const metric = registry.find("metric", name, "evaluate.metrics");
    if (tags || metric.needs !== "tags") return metric;
    throw new UserError(
      `evaluate.metrics: ${name} needs tags of the items, and the dataset has none; name their column in evaluate.tags or leave the metric out.`,
    );
  });
}

/** Every candidate with its lists and figures, in the same order. */
export async function measure(
  candidates: readonly Candidate[],
  bench: Bench,
  parts: Parts,
  recipe: Recipe,
  around: Surroundings,
): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (const candidate of candidates) {
    const lists = await rank(candidate, bench, parts, recipe, around);
    const quality = await figures(candidate, lists, bench, recipe, around);
    measured.push({ ...candidate, quality, lists: lists.value });
  }
  return measured;
}

function rank(
  { name, key, recommender }: Candidate,
  { judgement }: Bench,
  parts: Parts,
  { evaluate: { part, ks } }: Recipe,
  around: Surroundings,
): Promise<Keyed<RankedLists>> {
  const k = Math.max(...ks);
  return runStage<RankedLists>(
    {
      ...{ stage: "rank", version: rankVersion, label: `rank ${name}`, options: { part, k } },
      inputs: [key, parts.hash],
      encode: ({ items }) => ({ "items.bin": new Uint8Array(items.buffer, items.byteOffset, items.byteLength) }),
      decode: (files) => {
        const items = new Int32Array(Uint8Array.from(files["items.bin"]!).buffer);
        return { k, users: usersToJudge(judgement.truth), items };
      },
      compute: (step) => rankAll(around.kernels, recommender, judgement, k, step),
    },
    around,
  );
}

async function figures(
  { name }: Candidate,
  lists: Keyed<RankedLists>,
  { judgement, catalogue, metrics, slices }: Bench,
  { evaluate: { ks, cold } }: Recipe,
  around: Surroundings,
): Promise<Evaluation> {
  const { value } = await runStage<Evaluation>(
    {
      ...{ stage: "evaluate", version, label: `evaluate ${name}`, inputs: [lists.key] },
      options: { ks, cold, metrics: metrics.map((metric) => metric.name) },
      encode: (found) => ({ "quality.json": new TextEncoder().encode(JSON.stringify(found)) }),
      decode: (files) => JSON.parse(new TextDecoder().decode(files["quality.json"])) as Evaluation,
      compute: async () => evaluate(lists.value, judgement, catalogue, { ks, metrics, slices }),
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
