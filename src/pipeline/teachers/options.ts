// What a recipe may give as teacher beside a model of ours and a sealed artifact: lists in a file, several teachers
// together, a scorer over HTTP.

import { z } from "zod";
import { UserError } from "../../base/errors.ts";
import { parseOptions } from "../../kinds/options.ts";
import { formatOption } from "../../kinds/reader.ts";
import type { Step } from "../recipe.ts";

const place = z.union([z.string().min(1), z.number().int().min(0)]);

export const artifactOptions = z.strictObject({
  artifact: z.string().min(1).describe("folder of a sealed model"),
});

export const listsOptions = z.strictObject({
  lists: z.string().min(1).describe("file of rows, each a user, an item, and its score or rank"),
  format: formatOption,
  header: z.boolean().default(true),
  user: place.default("user").describe("column of the user id, or its position"),
  item: place.default("item").describe("column of the item id, or its position"),
  score: place.optional().describe("column of the score: the higher, the better"),
  rank: place.optional().describe("column of the rank: the lower, the better; orders the list where both are there"),
});

export const httpOptions = z.strictObject({
  http: z.url({ protocol: /^https?$/, error: "must be an http or https address" }).describe("where to POST"),
  concurrency: z.number().int().min(1).max(64).default(8).describe("questions under way at once"),
  timeout: z.number().positive().max(3600).default(60).describe("seconds to wait for an answer"),
  retries: z.number().int().min(0).max(20).default(4).describe("further attempts, each after a longer pause"),
});

export const ensembleOptions = z.strictObject({
  ensemble: z.array(z.looseObject({})).min(2).max(16).describe("the teachers, each as it would stand alone"),
  combine: z
    .enum(["mean-rank", "mean-score", "reciprocal-rank", "gate"])
    .default("mean-rank")
    .describe("what items are ordered by; scores are standardised within each list first"),
  checkpoints: z
    .number()
    .int()
    .min(1)
    .max(10)
    .default(1)
    .describe(
      "lists of teachers that learn in epochs, after as many equal parts of them: students go from easy to hard",
    ),
});

export type ListsStep = Readonly<z.output<typeof listsOptions>> & { readonly use?: undefined };
export type HttpStep = Readonly<z.output<typeof httpOptions>> & { readonly use?: undefined };
export interface ArtifactStep {
  readonly artifact: string;
  readonly use?: undefined;
}
/** One teacher by itself. */
export type SoleTeacher = Step | ArtifactStep | ListsStep | HttpStep;
export interface EnsembleStep {
  readonly ensemble: readonly SoleTeacher[];
  readonly combine: z.output<typeof ensembleOptions>["combine"];
  readonly checkpoints: number;
  readonly use?: undefined;
}
export type TeacherStep = SoleTeacher | EnsembleStep;

type Given = Readonly<Record<string, unknown>>;

/** The teacher with every default filled in; `model` does so for one of ours. */
export function fillTeacher(given: Given, where: string, model: (step: Step, where: string) => Step): TeacherStep {
  if (given["ensemble"] === undefined) return fillSole(given, where, model);
  const { ensemble, combine, checkpoints } = parseOptions(ensembleOptions, given, where);
  return {
    ensemble: ensemble.map((one, i) => {
      const at = `${where}.ensemble[${i}]`;
      if ("ensemble" in one) throw new UserError(`${at}: an ensemble holds no ensemble; list its teachers here.`);
      return fillSole(one, at, model);
    }),
    ...{ combine, checkpoints },
  };
}

function fillSole(given: Given, where: string, model: (step: Step, where: string) => Step): SoleTeacher {
  if (given["lists"] !== undefined) {
    const step = parseOptions(listsOptions, given, where) as ListsStep;
    if (step.score !== undefined || step.rank !== undefined) return step;
    throw new UserError(`${where}: nothing says which item is the best; name the column of the score or of the rank.`);
  }
  if (given["http"] !== undefined) return parseOptions(httpOptions, given, where) as HttpStep;
  if (given["artifact"] !== undefined) return parseOptions(artifactOptions, given, where);
  const { use } = parseOptions(z.looseObject({ use: z.string() }), given, where);
  return model({ ...given, use }, where);
}

/** Whether it is a model: something that scores any item of anybody, and can be shipped. */
export const givesModel = (teacher: TeacherStep): teacher is Step | ArtifactStep =>
  teacher.use !== undefined || "artifact" in teacher;

/** Whether its scores mean something beyond their order; a scorer over HTTP may say so only in its answers. */
export const givesScores = (teacher: TeacherStep): boolean =>
  givesModel(teacher) ||
  ("ensemble" in teacher ? teacher.combine === "mean-score" : !("lists" in teacher) || teacher.score !== undefined);

/** Whether it has an option for its epochs, so that an earlier moment of its training can be had. */
export const learnsInEpochs = (step: SoleTeacher): step is Step & { readonly epochs: number } =>
  step.use !== undefined && typeof step["epochs"] === "number";
