// evaluate: full ranking of every candidate on the recipe's part, with a few users' lists for people to read.

import { createRng } from "../base/rng.ts";
import { type Interactions, rowOf, union } from "../data/interactions.ts";
import type { Parts } from "./divide.ts";
import { evaluate } from "./evaluate.ts";
import type { Candidate } from "./fit.ts";
import type { Recipe } from "./recipe.ts";
import { registry } from "./registry.ts";
import { runStage } from "./stage.ts";
import type { Surroundings } from "./surroundings.ts";

/** What evaluation found about one candidate. */
export interface Quality {
  readonly metrics: Readonly<Record<string, number>>;
  readonly standardError: Readonly<Record<string, number>>;
  /** The sample users' first items. */
  readonly samples: readonly { readonly user: number; readonly items: readonly number[] }[];
}

export interface Measured extends Candidate {
  readonly quality: Quality;
}

const version = 1;
const sampleUsers = 3;
const sampleItems = 10;

/** What a user had before the evaluated part: train, and validation too when testing. */
export const seenBefore = (parts: Parts, part: Recipe["evaluate"]["part"]): Interactions =>
  part === "test" ? union(parts.train, parts.validation) : parts.train;

/** Every candidate with its quality, in the same order. */
export async function measure(
  candidates: readonly Candidate[],
  parts: Parts,
  recipe: Recipe,
  around: Surroundings,
): Promise<Measured[]> {
  const { ks, metrics, part } = recipe.evaluate;
  const data = { train: parts.train, seen: seenBefore(parts, part), truth: parts[part] };
  const users = chooseUsers(data.seen, data.truth, recipe.seed);
  const measured: Measured[] = [];
  for (const candidate of candidates) {
    const { value: quality } = await runStage<Quality>(
      {
        ...{ stage: "evaluate", version, label: `evaluate ${candidate.name}`, options: { ...recipe.evaluate, users } },
        inputs: [candidate.key, parts.hash],
        encode: (found) => ({ "quality.json": new TextEncoder().encode(JSON.stringify(found)) }),
        decode: (files) => JSON.parse(new TextDecoder().decode(files["quality.json"])) as Quality,
        async compute(step) {
          const methods = metrics.map((name) => registry.find("metric", name, "evaluate.metrics"));
          const found = await evaluate(around.kernels, candidate.recommender, data, { ks, metrics: methods }, step);
          const { k, items } = found.lists;
          const samples = users.map((user) => {
            const at = found.users.indexOf(user) * k;
            return { user, items: [...items.subarray(at, at + Math.min(k, sampleItems))].filter((item) => item >= 0) };
          });
          return { metrics: found.metrics, standardError: found.standardError, samples };
        },
      },
      around,
    );
    measured.push({ ...candidate, quality });
  }
  return measured;
}

/** A few users with enough history and truth to be worth reading. */
function chooseUsers(seen: Interactions, truth: Interactions, seed: number): number[] {
  const all = Array.from({ length: truth.users }, (_, u) => u).filter((u) => rowOf(truth, u).length > 0);
  const rich = all.filter((u) => rowOf(seen, u).length >= 5 && rowOf(truth, u).length >= 2);
  const from = Int32Array.from(rich.length >= sampleUsers ? rich : all);
  return [...createRng(seed).fork("samples").shuffle(from).slice(0, sampleUsers)].sort((a, b) => a - b);
}
