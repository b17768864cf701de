// distilrec distill ARTIFACT: a small student of a sealed teacher.

import type { Command } from "commander";
import { collect, finish } from "./answer.ts";
import { artifactDraft } from "./artifact-draft.ts";
import { settle } from "./read-recipe.ts";
import { runAndAnswer } from "./run-recipe.ts";

interface Options {
  model: string;
  loss: string;
  data?: string;
  out?: string;
  set?: string[];
  json?: boolean;
}

export function define(command: Command): void {
  command
    .argument("<artifact>", "folder of the sealed teacher")
    .option("--model <name>", "the student's model", "inductive")
    .option("--loss <name>", "how it learns from the teacher's lists", "soft-label")
    .option("--data <recipe>", "recipe whose dataset, clean and split to use (default: the teacher's own)")
    .option("--set <key.path=value>", "change a value, such as students.student.d=16; may be repeated", collect)
    .option("--out <folder>", "where results, report and artifacts go (default: runs/<name>-distilled)")
    .action(async (artifact: string, options: Options) => {
      const draft = await artifactDraft(artifact, options.data);
      const student = { name: "student", use: options.model, distill: { terms: [{ use: options.loss }] } };
      const raw = { ...draft.raw, name: `${draft.raw["name"]}-distilled`, students: [student] };
      const recipe = settle({ ...draft, raw }, options.set);
      await runAndAnswer(recipe, draft.base, options);
    });
  finish(command, "distilrec distill runs/demo/artifacts/teacher --set students.student.d=16 --out runs/small");
}
