// distilrec distill ARTIFACT: a small student of a sealed teacher; --plan says first what fits and what it costs.

import type { Command } from "commander";
import { stringify } from "yaml";
import { isFile } from "../node/disk.ts";
import { openSurroundings } from "../node/surroundings.ts";
import { divide } from "../pipeline/divide.ts";
import { planDistillation } from "../pipeline/plan/plan.ts";
import { readData } from "../pipeline/read-data.ts";
import type { Recipe } from "../pipeline/recipe.ts";
import { teach } from "../pipeline/teach.ts";
import { renderPlan } from "../report/plan.ts";
import { answer, collect, finish } from "./answer.ts";
import { artifactDraft } from "./artifact-draft.ts";
import { createProgress } from "./progress.ts";
import { commandLine, type Draft, readDraft, settle } from "./read-recipe.ts";
import { runAndAnswer } from "./run-recipe.ts";

interface Options {
  model: string;
  loss: string;
  data?: string;
  out?: string;
  plan?: boolean;
  set?: string[];
  json?: boolean;
}

export function define(command: Command): void {
  command
    .argument("<artifact>", "folder of the sealed teacher; with --plan also a recipe, whose teacher it is")
    .option("--model <name>", "the student's model", "inductive")
    .option("--loss <name>", "how it learns from the teacher's lists", "soft-label")
    .option("--data <recipe>", "recipe whose dataset, clean and split to use (default: the teacher's own)")
    .option("--plan", "train nothing: print which losses fit, what an epoch with each costs, and what to begin with")
    .option("--set <key.path=value>", "change a value, such as students.student.d=16; may be repeated", collect)
    .option("--out <folder>", "where results, report and artifacts go (default: runs/<name>-distilled)")
    .action(async (artifact: string, options: Options) => {
      if (options.plan) return plan(artifact, options);
      const draft = await artifactDraft(artifact, options.data);
      const student = { name: "student", use: options.model, distill: { terms: [{ use: options.loss }] } };
      const raw = { ...draft.raw, name: `${draft.raw["name"]}-distilled`, students: [student] };
      const recipe = settle({ ...draft, raw }, options.set);
      await runAndAnswer(recipe, draft.base, options);
    });
  finish(
    command,
    "distilrec distill runs/demo/artifacts/teacher --plan",
    "distilrec distill runs/demo/artifacts/teacher --set students.student.d=16 --out runs/small",
  );
}

async function plan(source: string, options: Options): Promise<void> {
  const { raw, ...draft } = await draftOf(source, options.data);
  const students = [{ name: "student", use: options.model }];
  const recipe = settle({ ...draft, raw: { ...raw, students, variants: [], gates: [] } }, options.set);
  const { threads, providers } = recipe;
  const place = { base: draft.base, command: commandLine(), progress: createProgress() };
  const around = await openSurroundings({ ...place, threads, providers });
  try {
    const parts = divide(await readData(recipe, around), recipe, around);
    const found = await planDistillation(
      await teach(parts, longLists(recipe), around),
      parts,
      studentOf(recipe),
      around,
    );
    answer(options, found, renderPlan(found, stringify));
  } finally {
    await around.close();
  }
}

const draftOf = async (source: string, data: string | undefined): Promise<Draft> =>
  (await isFile(source)) ? readDraft(source) : artifactDraft(source, data);

/** A list teacher gathers as much as its students look at; the plan has some of every kind look at this much. */
const plain = { topN: 100, alpha: 0.5, after: 0, ramp: 0 };
const longLists = (recipe: Recipe): Recipe => ({
  ...recipe,
  students: recipe.students.map((student) => ({ ...student, distill: { ...plain, terms: [] } })),
});

function studentOf({ students: [student] }: Recipe): { use: string } {
  const { name: _, distill: __, ...step } = student!;
  return step;
}
