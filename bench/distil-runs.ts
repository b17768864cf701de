// Students of one teacher over several seeds, and what they reach; nothing is sealed.

import { createProgress } from "../src/cli/progress.ts";
import { openSurroundings } from "../src/node/surroundings.ts";
import { benchOf } from "../src/pipeline/bench.ts";
import { distil } from "../src/pipeline/distil.ts";
import { divide } from "../src/pipeline/divide.ts";
import { type Measured, measure } from "../src/pipeline/measure.ts";
import { readData } from "../src/pipeline/read-data.ts";
import { parseRecipe } from "../src/pipeline/recipe.ts";
import { teach } from "../src/pipeline/teach.ts";
import { isModel } from "../src/pipeline/teachers/teacher.ts";
import type { Figures, QualityContext } from "./case.ts";
import { inScratch } from "./scratch.ts";
import { caseCommand } from "./scratch-run.ts";
import { round, spread } from "./spread.ts";

export interface DistilRuns {
  /** The case's. */
  readonly name: string;
  readonly dataset: object;
  readonly teacher: object;
  readonly students: Readonly<Record<string, object>>;
  readonly evaluate: object;
  readonly seeds?: readonly number[];
  /** What is reported of the teacher and of each student. */
  figures(measured: Measured): Readonly<Record<string, number>>;
}

/** Figures as "student figure", their mean over seeds and its standard error; the teacher, fitted once, by itself. */
export async function distilRuns(
  { name, dataset, teacher, students, evaluate, figures, seeds = [1, 2, 3] }: DistilRuns,
  { data, note }: QualityContext,
): Promise<Figures> {
  const steps = Object.entries(students).map(([student, step]) => ({ name: student, ...step }));
  const given = { name, dataset, split: { use: "given" }, teacher, students: steps, evaluate };
  const recipe = parseRecipe(given, name);
  const command = caseCommand(name, "distil");
  const found = new Map<string, number[]>();
  const add = (measured: Measured) => {
    for (const [figure, value] of Object.entries(figures(measured))) {
      const key = `${measured.name} ${figure}`;
      found.set(key, [...(found.get(key) ?? []), value]);
    }
  };
  await inScratch(name, async (folder) => {
    const around = await openSurroundings({ base: data("."), folder, command, progress: createProgress() });
    try {
      const read = await readData(recipe, around);
      const parts = divide(read, recipe, around);
      const bench = await benchOf(read, parts, recipe, around);
      const teaching = await teach(parts, recipe, around);
      if (!isModel(teaching)) throw new Error(`${name}: its teacher is no model`);
      for (const measured of await measure([teaching], bench, parts, recipe, around)) add(measured);
      for (const seed of seeds) {
        const taught = await distil(teaching, parts, { ...recipe, seed }, around);
        for (const measured of await measure(taught, bench, parts, recipe, around)) add(measured);
        note(
          `seed ${seed}: ${JSON.stringify(Object.fromEntries([...found].map(([key, of]) => [key, round(of.at(-1)!)])))}`,
        );
      }
    } finally {
      await around.close();
    }
  });
  return Object.assign(
    {},
    ...Array.from(found, ([figure, values]) =>
      values.length === 1 ? { [figure]: round(values[0]!) } : spread(figure, values),
    ),
  );
}

/** A figure among the users of a slice. */
export const inSlice = ({ quality }: Measured, slice: string, figure: string): number =>
  quality.slices.find((one) => one.name === slice)?.metrics[figure] ?? Number.NaN;
