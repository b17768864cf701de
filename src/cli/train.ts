// distilrec train: the flow with a teacher only, from a recipe or from flags.

import type { Command } from "commander";
import { UserError } from "../base/errors.ts";
import { collect, finish } from "./answer.ts";
import { type Draft, readDraft, settle } from "./read-recipe.ts";
import { runAndAnswer } from "./run-recipe.ts";

interface Options {
  dataset: string;
  split: string;
  model?: string;
  out?: string;
  set?: string[];
  json?: boolean;
}

export function define(command: Command): void {
  command
    .argument("[recipe]", "recipe whose teacher to train; without it, say --model")
    .option("--model <name>", "model to train (see distilrec methods model)")
    .option("--dataset <name>", "dataset to train on", "world")
    .option("--split <name>", "how to hold items back for measuring", "random")
    .option(
      "--set <key.path=value>",
      "change a value of the recipe, such as teacher.lambda=300; may be repeated",
      collect,
    )
    .option("--out <folder>", "where results, report and artifacts go (default: runs/<name>)")
    .action(async (path: string | undefined, options: Options) => {
      const draft = await draftOf(path, options);
      const recipe = settle({ ...draft, raw: { ...draft.raw, students: [], variants: [] } }, options.set);
      await runAndAnswer(recipe, draft.base, options);
    });
  finish(
    command,
    "distilrec train --model ease --set teacher.lambda=300",
    "distilrec train recipes/gowalla-bpr.yaml --out runs/bpr",
  );
}

async function draftOf(path: string | undefined, { model, dataset, split }: Options): Promise<Draft> {
  if (path !== undefined) {
    const draft = await readDraft(path);
    return model === undefined ? draft : { ...draft, raw: { ...draft.raw, teacher: { use: model } } };
  }
  if (model === undefined)
    throw new UserError("train: give a recipe file or --model NAME; distilrec methods model lists the names.");
  const raw = {
    name: `${dataset}-${model}`,
    dataset: { use: dataset },
    split: { use: split },
    teacher: { use: model },
  };
  return { raw, source: "train", base: "." };
}
