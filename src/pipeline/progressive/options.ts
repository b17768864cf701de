// What a recipe says of a variant that is made step by step: what each step does, how what it took is distilled back,
// and what it may lose on the validation part.

import { z } from "zod";
import { UserError } from "../../base/errors.ts";
import { type GateEntry, gateEntry } from "../../evidence/gates/gate.ts";
import { parseOptions } from "../../kinds/options.ts";
import type { Step } from "../recipe.ts";
import { registry } from "../registry.ts";

const step = z.looseObject({ use: z.string() });

export const progressiveOptions = z.strictObject({
  steps: z
    .array(z.union([step, z.array(step).min(1).max(20)]))
    .min(1)
    .max(20)
    .describe("the passes of each step, in place of those of the step before"),
  recover: z
    .looseObject({
      loss: z.string().default("rrd").describe("over candidates; its options stand beside it"),
      epochs: z.number().int().min(1).max(1000).default(2).describe("passes over the users in each step"),
      learningRate: z.number().positive().max(10).default(0.001).describe("Adam's step size"),
      batch: z.number().int().min(1).max(100_000).default(256).describe("users a step of Adam"),
      topN: z.number().int().min(1).max(2000).default(100).describe("items that the teacher lists for each user"),
    })
    .optional()
    .describe("how what a step took is distilled back; without it nothing is"),
  gate: gateEntry.describe("a drop, on the validation part, from what is compressed"),
});

/** The loss's own options stand beside these. */
export interface Recovery extends Readonly<Record<string, unknown>> {
  readonly loss: string;
  readonly epochs: number;
  readonly learningRate: number;
  readonly batch: number;
  readonly topN: number;
}

export interface ProgressivePlan {
  readonly steps: readonly (readonly Step[])[];
  readonly recover?: Recovery;
  readonly gate: GateEntry;
}

/** With every default; `fillPasses` fills those of a chain. */
export function fillProgressive(
  { steps, recover, gate }: z.output<typeof progressiveOptions>,
  where: string,
  fillPasses: (chain: readonly Step[], where: string) => readonly Step[],
): ProgressivePlan {
  const filled = steps.map((one, s) => fillPasses(Array.isArray(one) ? one : [one as Step], `${where}.steps[${s}]`));
  if (!recover) return { steps: filled, gate };
  const { loss: name, epochs, learningRate, batch, topN, ...given } = recover;
  const at = `${where}.recover (${name})`;
  const loss = registry.find("loss", name, at);
  if (loss.sees !== "candidates") {
    const able = registry.loss.filter(({ sees }) => sees === "candidates").map((one) => one.name);
    throw new UserError(`${at}: compares ${loss.sees}; a step recovers by a loss over candidates: ${able.join(", ")}.`);
  }
  const options = parseOptions(loss.options, given, at) as object;
  const { listed } = loss.candidates(options);
  if (listed > topN) {
    throw new UserError(`${at}: looks at ${listed} teacher items, topN is ${topN}; raise topN or lower listed.`);
  }
  return { steps: filled, recover: { loss: name, epochs, learningRate, batch, topN, ...options }, gate };
}
