// What all candidates of a run are judged by: the part to find, what was known before, metrics, slices, and the items
// that are ranked. Made once, before anything is measured.

import { UserError } from "../base/errors.ts";
import { sha256 } from "../base/sha256.ts";
import { type Interactions, rowOf, union } from "../data/interactions.ts";
import { columnOf, type RawTable } from "../data/raw-table.ts";
import { type Candidates, drawnCandidates, givenCandidates, type LeftOut } from "../evidence/candidates.ts";
import { catalogueOf } from "../evidence/catalogue.ts";
import type { Judgement } from "../evidence/lists.ts";
import { bucketSlices, coldUsers, popularityBands, type Slice, valueSlices } from "../evidence/slices.ts";
import { tagsOf, usualTags } from "../evidence/tags.ts";
import type { Catalogue, Tags } from "../kinds/catalogue.ts";
import type { MetricMethod } from "../kinds/metric.ts";
import type { Parts } from "./divide.ts";
import type { EvaluateOptions } from "./evaluate-options.ts";
import type { Data } from "./read-data.ts";
import type { Recipe } from "./recipe.ts";
import { registry } from "./registry.ts";
import type { Surroundings } from "./surroundings.ts";

export interface Bench {
  readonly judgement: Judgement;
  readonly catalogue: Catalogue;
  readonly metrics: readonly MetricMethod[];
  readonly slices: readonly Slice[];
  /** Set where a recipe asks that only these are ranked; `added` relevant items were not among those of a file. */
  readonly candidates?: Candidates & { readonly added: number };
  /** What did not count, and how often. */
  readonly leftOut: readonly LeftOut[];
  /** Names tags and slices: equal keys mean equal ones. */
  readonly key: string;
}

/** What results say of the candidates. */
export const sampledBy = ({ kind, perUser, fingerprint, added }: NonNullable<Bench["candidates"]>) => {
  return { kind, perUser, fingerprint, added };
};

/** What a user had before the evaluated part: train, and validation too when testing. */
export const seenBefore = (parts: Parts, part: EvaluateOptions["part"]): Interactions =>
  part === "test" ? union(parts.train, parts.validation) : parts.train;

/** The bench of the recipe's part. */
export async function benchOf(data: Data, parts: Parts, { evaluate }: Recipe, around: Surroundings): Promise<Bench> {
  const { part, cold } = evaluate;
  const catalogue = catalogueOf(parts.train, tagsFor(evaluate, data.itemFeatures));
  const slices = [
    ...popularityBands(catalogue),
    coldUsers(parts.train, cold),
    ...evaluate.slices.flatMap((slice, s) => slicesFor(slice, data, `evaluate.slices[${s}]`)),
  ];
  const whole = { train: parts.train, seen: seenBefore(parts, part), truth: parts[part] };
  const idle = Array.from({ length: whole.truth.users }, (_, u) => u).filter((u) => rowOf(whole.truth, u).length === 0);
  const { judgement, candidates, leftOut } = await candidatesFor(evaluate, whole, parts, around);
  const unasked = { what: `users without an item in the ${part} part`, count: idle.length };
  return {
    ...{ judgement, catalogue, slices, metrics: metricsFor(evaluate, catalogue) },
    ...(candidates && { candidates }),
    leftOut: idle.length > 0 ? [unasked, ...leftOut] : leftOut,
    key: sha256(
      JSON.stringify([hashOf(catalogue.tags), slices.map(({ name, of, member }) => [name, of, sha256(member)])]),
    ),
  };
}

/** The metrics that are asked for; else all that the data permits and that lists suffice for. */
function metricsFor({ metrics: asked }: EvaluateOptions, { tags }: Catalogue): MetricMethod[] {
  // Places take a look at every score of every user, about three times the work of lists: on request.
  if (!asked) return registry.metric.filter(({ needs }) => needs !== "places" && (tags || needs !== "tags"));
  return asked.map((name) => {
    const metric = registry.find("metric", name, "evaluate.metrics");
    if (tags || metric.needs !== "tags") return metric;
    throw new UserError(
      `evaluate.metrics: ${name} needs tags of the items, and the dataset has none; name their column in evaluate.tags or leave the metric out.`,
    );
  });
}

function tagsFor({ tags }: EvaluateOptions, features: RawTable | undefined): Tags | undefined {
  const column = tags?.column ?? usualTags(features);
  if (column === undefined) return undefined;
  return tagsOf(columnOf(knownOf(features, "items", "evaluate.tags"), column, "evaluate.tags"), tags?.separator ?? "|");
}

function slicesFor(
  { of, column: name, separator, top, buckets }: EvaluateOptions["slices"][number],
  { itemFeatures, userFeatures }: Data,
  where: string,
): Slice[] {
  const column = columnOf(knownOf(of === "items" ? itemFeatures : userFeatures, of, where), name, where);
  if (buckets === undefined && column.kind !== "numbers") return valueSlices(of, name, column, { separator, top });
  return bucketSlices(of, name, column, buckets ?? 4, where);
}

function knownOf(features: RawTable | undefined, of: Slice["of"], where: string): RawTable {
  if (features) return features;
  throw new UserError(`${where}: the dataset knows nothing of its ${of}; give it their columns or leave this out.`);
}

async function candidatesFor(
  { candidates: asked }: EvaluateOptions,
  judgement: Judgement,
  ids: Pick<Parts, "userIds" | "itemIds">,
  { read, progress }: Surroundings,
): Promise<Pick<Bench, "judgement" | "candidates" | "leftOut">> {
  if (!asked) return { judgement, leftOut: [] };
  const task = progress.start("candidates");
  if ("negatives" in asked) {
    const candidates = { ...drawnCandidates(asked, judgement, ids), added: 0 };
    task.end();
    return { judgement, candidates, leftOut: [] };
  }
  const { file, ...mapping } = asked;
  const rows = await read.columns(file, mapping);
  const { candidates, added, ...rest } = givenCandidates(rows, judgement, ids, file);
  task.end();
  return { ...rest, candidates: { ...candidates, added } };
}

const hashOf = (tags: Tags | undefined) =>
  tags && [tags.count, ...[tags.start, tags.code].map((codes) => sha256(codes.join()))];
