// Students of the foreign teacher on citeULike's Topology Distillation split, in its setting: leave one out, the whole
// catalogue ranked. Figures are means over seeds of recall@50 on test, overall and on the tail.

import { factorMix } from "../src/pipeline/plan/mix.ts";
import type { Figures, QualityContext } from "./case.ts";
import { importedTeacher } from "./citeulike.ts";
import { inScratch } from "./scratch.ts";
import { round, spread } from "./spread.ts";

const seeds = [1, 2, 3];

/**
 * The mix for students with fewer dimensions than their teacher: they start as its best stand-in, then every user's
 * scores of the teacher's top items and of others are drawn to the teacher's. Chosen on validation of 15 settings, all but
 * two at d=20, all with seed 1.
 */
export const mix = factorMix({ alpha: 1, temperature: 1 });

/** A student without users whose items learn as they ship, in 1 bit a number, from the teacher's lists and the histories. */
export const fewBits = (d: number, { learningRate, epochs }: { learningRate: number; epochs: number }) => ({
  ...{ use: "few-bit", start: "teacher", keep: 0.8, negatives: 800, d, learningRate, epochs },
  distill: { topN: 100, alpha: 0.5, terms: [{ use: "soft-label", listed: 100, unlisted: 100 }] },
});

/** The figures of each of `students` by name; those of `mix` are also the case's own, with the seconds of its epochs. */
export async function studentFigures(
  name: string,
  students: Readonly<Record<string, object>>,
  { data, note }: QualityContext,
): Promise<Figures> {
  const found: Record<string, number[]> = {};
  const add = (figure: string, value: number) => {
    found[figure] = [...(found[figure] ?? []), value];
  };
  return inScratch(name, async (folder) => {
    let seconds = Number.POSITIVE_INFINITY;
    const run = await importedTeacher(name, data("."), folder, "distil", (stage, spent) => {
      if (stage === "student mix") seconds = Math.min(seconds, spent);
    });
    for (const seed of seeds) {
      const named = Object.entries(students).map(([student, step]) => ({ name: student, ...step }));
      const recipe = { seed, students: named, evaluate: { ks: [50], metrics: ["recall", "ndcg"] } };
      for (const { name: student, metrics, slices } of await run(recipe, `run-${seed}`)) {
        add(`${student} recall@50`, metrics["recall@50"]!);
        const tail = slices.find((slice) => slice.name === "tail");
        add(`${student} recall@50 (tail)`, tail?.metrics["recall@50"] ?? Number.NaN);
        note(`seed ${seed}: ${student} ${round(metrics["recall@50"]!)}`);
      }
    }
    return {
      ...spread("recall@50", found["mix recall@50"]!),
      ...(Number.isFinite(seconds) && { "mix, s an epoch": round(seconds / mix.epochs) }),
      ...Object.assign({}, ...Object.entries(found).map(([figure, values]) => spread(figure, values))),
    };
  });
}
