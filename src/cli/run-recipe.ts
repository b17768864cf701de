// From a checked recipe to its results on disk: what demo, run, train, distill and compress have in common.

import { join } from "node:path";
import { openSurroundings } from "../node/surroundings.ts";
import type { Recipe } from "../pipeline/recipe.ts";
import { run } from "../pipeline/run.ts";
import type { Results } from "../report/results.ts";
import { renderSummary } from "../report/summary.ts";
import { answer } from "./answer.ts";
import { createProgress } from "./progress.ts";
import { commandLine } from "./read-recipe.ts";

/** Where a recipe's data paths start from, what repeats the run, and the folder it writes to. */
export interface Place {
  readonly base: string;
  readonly command: string;
  readonly out?: string | undefined;
}

/** Runs the recipe into `out` (default runs/<name>); an interrupt says how to go on. */
export async function runRecipe(
  recipe: Recipe,
  { base, command, out }: Place,
): Promise<{ results: Results; folder: string }> {
  const folder = out ?? join("runs", recipe.name);
  const { threads, providers } = recipe;
  const around = await openSurroundings({ base, command, folder, progress: createProgress(), threads, providers });
  const interrupted = () => {
    around.progress.stop();
    process.stderr.write(
      `\nStopped. What was finished is in ${folder}; run the same command again to go on from there.\n`,
    );
    process.exit(130);
  };
  process.once("SIGINT", interrupted);
  try {
    return { results: await run(recipe, around), folder };
  } finally {
    process.off("SIGINT", interrupted);
    await around.close();
  }
}

/** Runs the recipe and prints what it found: how run, train, distill and compress end. */
export async function runAndAnswer(
  recipe: Recipe,
  base: string,
  options: { out?: string; json?: boolean },
): Promise<void> {
  const { results, folder } = await runRecipe(recipe, { base, command: commandLine(), out: options.out });
  answer(options, results, closingText(results, folder));
}

/** The summary, and where everything is. */
export const closingText = (results: Results, folder: string): string =>
  `${renderSummary(results)}\n\nReport: ${join(folder, "report.html")}\nNumbers: ${join(folder, "results.json")}\nArtifacts: ${join(folder, "artifacts")}`;
