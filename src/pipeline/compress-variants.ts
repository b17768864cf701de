// compress: the recipe's variants, each made of an earlier candidate by a chain of passes, at once or step by step.

import { must, prefixed } from "../base/errors.ts";
import { createRng } from "../base/rng.ts";
import type { PassOutcome } from "../report/results.ts";
import { applyPasses, metIn } from "./compress.ts";
import type { Parts } from "./divide.ts";
import type { Candidate } from "./fit.ts";
import { cutEncoder, type EncoderWishes } from "./graphs/parts/encoder-parts.ts";
import { partKinds } from "./graphs/parts/part.ts";
import { compressProgressively } from "./progressive/progressive.ts";
import type { Data } from "./read-data.ts";
import type { Recipe, Step } from "./recipe.ts";
import { decodeRecommender, encodeRecommender } from "./recommender-files.ts";
import { registry } from "./registry.ts";
import { runStage } from "./stage.ts";
import type { Surroundings } from "./surroundings.ts";
import type { Teacher } from "./teachers/teacher.ts";

const version = 1;
const outcomes = "passes.json";

/** The candidates and behind them their variants, in the recipe's order. */
export async function compress(
  candidates: readonly Candidate[],
  teacher: Teacher,
  data: Data,
  parts: Parts,
  recipe: Recipe,
  around: Surroundings,
): Promise<Candidate[]> {
  const all = [...candidates];
  for (const { name, of, passes, progressive, ...wishes } of recipe.variants) {
    const source = must(
      all.find((candidate) => candidate.name === of),
      `candidate ${of}`,
    );
    const made = progressive
      ? await compressProgressively(name, source, progressive, teacher, data, parts, recipe, around)
      : await compressAtOnce(name, source, { passes: passes ?? [], wishes }, parts, recipe.seed, around);
    const before = source.passes ?? [];
    all.push({ name, role: "variant", of, method: source.method, ...made, passes: [...before, ...made.passes] });
  }
  return all;
}

async function compressAtOnce(
  name: string,
  source: Candidate,
  { passes, wishes }: { readonly passes: readonly Step[]; readonly wishes: EncoderWishes },
  parts: Parts,
  seed: number,
  around: Surroundings,
): Promise<Pick<Candidate, "key" | "recommender"> & { readonly passes: readonly PassOutcome[] }> {
  const { key, value } = await runStage(
    {
      ...{ stage: "compress", version, label: `compress ${name}` },
      ...{ options: { passes, ...wishes, seed }, inputs: [source.key, parts.hash] },
      encode: ({ recommender, passes: done }) => ({
        ...encodeRecommender(recommender),
        [outcomes]: new TextEncoder().encode(JSON.stringify(done)),
      }),
      decode: ({ [outcomes]: done, ...files }) => ({
        recommender: decodeRecommender(files),
        passes: JSON.parse(new TextDecoder().decode(done)) as PassOutcome[],
      }),
      compute: async () => {
        const { recommender, done } = await cut(source, wishes, parts, around);
        const steps = passes.map(({ use, ...options }) => ({ pass: registry.find("pass", use, "passes"), options }));
        const made = await applyPasses(recommender, steps, {
          kernels: around.kernels,
          rng: createRng(seed).fork("compress"),
          met: metIn(parts.train),
        });
        return { ...made, passes: [...done, ...made.passes] };
      },
    },
    around,
  );
  return { key, ...value };
}

/** The source without the parts of its encoder that are wished away, and that as outcomes of passes. */
async function cut(
  { name, recommender }: Candidate,
  wishes: EncoderWishes,
  { train }: Parts,
  { runtime }: Surroundings,
): Promise<{ readonly recommender: Candidate["recommender"]; readonly done: readonly PassOutcome[] }> {
  if (Object.keys(wishes).length === 0) return { recommender, done: [] };
  const made = await prefixed(name, cutEncoder(recommender, wishes, train, runtime));
  const kinds = partKinds.filter((kind) => kind in wishes);
  const gone = (kind: string) => made.parts.filter((part) => part.kind === kind && part.gone).map((part) => part.name);
  return { recommender: made.recommender, done: kinds.map((use) => ({ use, changed: gone(use), refused: [] })) };
}
