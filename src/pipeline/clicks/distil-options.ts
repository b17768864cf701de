// Which networks of a recipe teach which or are made of which: the options of `distill`, the ensembles, and checks that
// all make sense.

import { z } from "zod";
import { suggest, UserError } from "../../base/errors.ts";
import type { Recombination } from "../../data/recombine.ts";
import { fileName, fill, type Step } from "../recipe.ts";
import { registry } from "../registry.ts";
import { packedUse } from "./pack-network.ts";

export interface NetworkDistil {
  /** A network of the recipe, or several: their logits averaged, or weighed row by row. */
  readonly teacher: string | { readonly ensemble: readonly string[]; readonly weights: "mean" | "gated" };
  /** L = (1 - alpha) · cross-entropy of the labels + alpha · Σ weight · term. */
  readonly alpha: number;
  /** Which logit the terms see: the one that is served, or another over the same last layer that training drops. */
  readonly head: "served" | "auxiliary";
  readonly terms: readonly (Step & { readonly weight: number })[];
  /** Made-up rows, which only the teacher labels, among those of train. */
  readonly transfer?: Recombination | undefined;
}

const names = z.array(fileName).min(2).max(20);

export const networkDistil = z
  .strictObject({
    teacher: z
      .union(
        [
          fileName,
          z.strictObject({
            ensemble: names,
            weights: z.enum(["mean", "gated"]).default("mean").describe("of the logits; gated: by row, learned"),
          }),
        ],
        { error: "must be a network's name, or { ensemble: two names or more, weights: mean or gated }" },
      )
      .describe("a network of the recipe, or several"),
    alpha: z.number().min(0).max(1).default(0.5).describe("share of the teacher in the loss"),
    head: z
      .enum(["served", "auxiliary"])
      .default("served")
      .describe("the logit that learns from the teacher; auxiliary: one beside it, dropped afterwards"),
    terms: z
      .array(z.looseObject({ use: z.string(), weight: z.number().positive().max(1e6).default(1) }))
      .min(1)
      .max(20),
    transfer: z
      .strictObject({
        times: z.number().gt(0).max(1000).default(4).describe("made-up rows for each row of train"),
        swap: z
          .number()
          .gt(0)
          .max(1)
          .default(0.2)
          .describe("how likely a column of a made-up row is to come from another row than the rest"),
        columns: z.array(z.string().min(1)).min(1).optional().describe("columns of the log that may; default: all"),
      })
      .optional()
      .describe("made-up rows to learn from beside those of train: recombined from them, labelled by the teacher"),
  })
  .describe("what it learns from, beside the labels");

/** In place of a network's name: the mean of other networks' logits, as one model. */
export const ensembleUse = "ensemble";

/** The options of an ensemble. */
export const ensembleOptions = z.strictObject({
  of: names.describe("networks of the recipe whose logits are averaged"),
});

/** With defaults of every loss; one that sees anything but logits is a UserError. */
export function fillDistil(given: z.output<typeof networkDistil>, where: string): NetworkDistil {
  const terms = given.terms.map(({ weight, ...term }, t) => {
    const at = `${where}.terms[${t}]`;
    const filled = fill("loss", term, at);
    const { sees } = registry.find("loss", term.use, at);
    if (sees === "logits") return { ...filled, weight };
    const able = registry.loss.filter((loss) => loss.sees === "logits").map(({ name }) => name);
    throw new UserError(
      `${at} (${term.use}) compares ${sees}, and networks of clicks have logits; use one of ${able.join(", ")}.`,
    );
  });
  const gated = typeof given.teacher === "object" && given.teacher.weights === "gated";
  if (given.transfer && (gated || given.head === "auxiliary")) {
    throw new UserError(
      `${where}: made-up rows have no label but the teacher's, which ${gated ? "the gate of its teachers" : "the logit that is served"} would learn; drop transfer, or take ${gated ? "weights: mean" : "head: served"}.`,
    );
  }
  if (given.head === "auxiliary" && given.alpha === 1) {
    throw new UserError(
      `${where}: with an auxiliary head and alpha 1 nothing would teach the logit that is served; lower alpha.`,
    );
  }
  return { ...given, terms };
}

/** Whether a network is made of others and learns nothing itself. */
export const madeOfOthers = ({ use }: Pick<Taught, "use">): boolean => use === ensembleUse || use === packedUse;

interface Taught {
  readonly name: string;
  readonly use: string;
  readonly columns?: readonly string[];
  readonly distill?: NetworkDistil;
}

/** The networks that must be there before this one: those that teach it, and those that it is made of. */
export function teachersOf({ use, distill, ...rest }: Taught): readonly string[] {
  if (use === ensembleUse) return (rest as { of?: readonly string[] }).of ?? [];
  if (use === packedUse) return [(rest as { of?: string }).of ?? ""];
  if (!distill) return [];
  return typeof distill.teacher === "string" ? [distill.teacher] : distill.teacher.ensemble;
}

/** Throws where a teacher is none of the recipe's networks, stands twice, or learns from its own student. */
export function checkTeachers(networks: readonly Taught[], source: string): void {
  const byName = new Map(networks.map((network) => [network.name, network]));
  const read = ({ columns }: Taught) => JSON.stringify(columns?.toSorted());
  const visit = (network: Taught, path: readonly string[]): void => {
    const where = `${source}: networks[${networks.indexOf(network)}] (${network.name})`;
    if (path.includes(network.name)) {
      const circle = [...path.slice(path.indexOf(network.name)), network.name].join(" ← ");
      throw new UserError(`${where}: networks teach in a circle, ${circle}; one must learn from labels alone.`);
    }
    const teachers = teachersOf(network);
    for (const [t, name] of teachers.entries()) {
      const teacher = byName.get(name);
      if (!teacher) {
        throw new UserError(
          `${where}: there is no network named "${name}" to ${madeOfOthers(network) ? "make it of" : "learn from"}. ${suggest(name, [...byName.keys()])}`,
        );
      }
      if (teachers.indexOf(name) < t) throw new UserError(`${where}: "${name}" stands twice among its teachers.`);
      if (madeOfOthers(network) && read(teacher) !== read(network)) {
        const what =
          network.use === ensembleUse ? "an ensemble reads what its members read" : "it reads what it is made of";
        throw new UserError(
          `${where}: ${what}; give it and "${name}" the same columns, or let a student learn from several teachers.`,
        );
      }
      visit(teacher, [...path, network.name]);
    }
  };
  for (const network of networks) visit(network, []);
}
