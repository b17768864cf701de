// distilrec run RECIPE

import type { Command } from "commander";
import { collect, finish } from "./answer.ts";
import { readDraft, settleAny } from "./read-recipe.ts";
import { runAndAnswer, runClicksAndAnswer } from "./run-recipe.ts";

export function define(command: Command): void {
  command
    .argument("<recipe>", "recipe file (YAML)")
    .option("--out <folder>", "where results, report and artifacts go (default: runs/<recipe name>)")
    .option("--set <key.path=value>", "change a value of the recipe; may be repeated", collect)
    .action(async (path: string, options: { out?: string; set?: string[]; json?: boolean }) => {
      const draft = await readDraft(path);
      const recipe = settleAny(draft, options.set);
      if ("clicklog" in recipe) await runClicksAndAnswer(recipe, draft.base, options);
      else await runAndAnswer(recipe, draft.base, options);
    });
  finish(
    command,
    "distilrec run recipes/movietweetings.yaml --set teacher.lambda=300 --out runs/mt",
    "distilrec run recipes/frappe-deepfm.yaml --set train.epochs=5",
  );
}
