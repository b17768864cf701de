// From a checked recipe to its results on disk: what the commands that run one have in common.

import { join } from "node:path";
import { openSurroundings } from "../node/surroundings.ts";
import type { ClickRecipe } from "../pipeline/clicks/recipe.ts";
import { runClicks } from "../pipeline/clicks/run.ts";
import type { Recipe } from "../pipeline/recipe.ts";
import { run } from "../pipeline/run.ts";
import type { Surroundings } from "../pipeline/surroundings.ts";
import { renderClickSummary } from "../report/clicks/summary.ts";
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

/** Runs the recipe into `out` (default runs/<name>). */
export const runRecipe = (recipe: Recipe, place: Place): Promise<{ results: Results; folder: string }> =>
  runFlow(recipe, place, (around) => run(recipe, around));

/** Runs a flow in the recipe's surroundings; an interrupt says how to go on. */
async function runFlow<T>(
  recipe: Pick<Recipe, "name" | "threads" | "providers">,
  { base, command, out }: Place,
  flow: (around: Surroundings) => Promise<T>,
): Promise<{ results: T; folder: string }> {
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
    return { results: await flow(around), folder };
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

/** Runs a recipe of clicks and prints what it found. */
export async function runClicksAndAnswer(
  recipe: ClickRecipe,
  base: string,
  options: { out?: string; json?: boolean },
): Promise<void> {
  const place = { base, command: commandLine(), out: options.out };
  const { results, folder } = await runFlow(recipe, place, (around) => runClicks(recipe, around));
  answer(options, results, `${renderClickSummary(results)}${whereItIs(folder)}`);
}

/** The summary, and where everything is. */
export const closingText = (results: Results, folder: string): string =>
  `${renderSummary(results)}${whereItIs(folder)}`;

const whereItIs = (folder: string): string =>
  `\n\nReport: ${join(folder, "report.html")}\nNumbers: ${join(folder, "results.json")}\nArtifacts: ${join(folder, "artifacts")}`;
