// distilrec demo: the bundled recipe, and what to try next.

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { answer, collect, finish } from "./answer.ts";
import { commandLine, readDraft, settle } from "./read-recipe.ts";
import { closingText, runRecipe } from "./run-recipe.ts";

export function define(command: Command): void {
  command
    .option("--out <folder>", "where results, report and artifacts go (default: runs/demo)")
    .option("--set <key.path=value>", "change a value of the recipe; may be repeated", collect)
    .action(async (options: { out?: string; set?: string[]; json?: boolean }) => {
      const draft = await readDraft(fileURLToPath(new URL("../../recipes/demo.yaml", import.meta.url)));
      const recipe = settle(draft, options.set);
      const { results, folder } = await runRecipe(recipe, {
        base: draft.base,
        command: commandLine(),
        out: options.out,
      });
      const smallest = [...results.variants].sort((a, b) => a.cost.bytes.raw - b.cost.bytes.raw)[0];
      const artifact = join(folder, smallest?.artifact ?? "artifacts/teacher");
      const user = results.samples[0]?.user ?? "0";
      const next = [
        `distilrec inspect ${artifact}`,
        `distilrec recommend ${artifact} --user ${user}`,
        `distilrec serve ${artifact} --port 8080`,
        `distilrec verify ${folder}`,
      ];
      answer(
        options,
        results,
        `${closingText(results, folder)}\n\nTry next (npx, or npm run -s distilrec --):\n  ${next.join("\n  ")}`,
      );
    });
  finish(command, "distilrec demo");
}
