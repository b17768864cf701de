// distilrec evaluate ARTIFACT: full ranking on held-out data, or the metrics of a click log's rows; alone or against a
// teacher. Writes nothing.

import { resolve } from "node:path";
import type { Command } from "commander";
import { UserError } from "../base/errors.ts";
import { formatTable } from "../base/format.ts";
import { holdsForeign, openForeignFolder } from "../node/artifact-folder.ts";
import { openSurroundings } from "../node/surroundings.ts";
import { sampledBy } from "../pipeline/bench.ts";
import { compareNetworks } from "../pipeline/clicks/compare-networks.ts";
import { qualityOf } from "../pipeline/clicks/measure-networks.ts";
import type { ClickRecipe } from "../pipeline/clicks/recipe.ts";
import { scoreArtifacts } from "../pipeline/clicks/score-artifacts.ts";
import { compareRecommenders, type Found, type Margin } from "../pipeline/compare.ts";
import { measureArtifacts } from "../pipeline/measure-artifacts.ts";
import type { Recipe } from "../pipeline/recipe.ts";
import type { Surroundings } from "../pipeline/surroundings.ts";
import { evaluatedLines } from "../report/account.ts";
import { renderDifferences } from "../report/comparison.ts";
import { answer, collect, finish } from "./answer.ts";
import { judgedData } from "./judged-data.ts";
import { createProgress } from "./progress.ts";
import { commandLine } from "./read-recipe.ts";

interface Options {
  data?: string;
  set?: string[];
  against?: string;
  json?: boolean;
}

/** A model's own figures, what they rest on, and what it is to its teacher. */
interface Evaluated {
  readonly figures: object;
  readonly metrics: Readonly<Record<string, number>>;
  readonly standardError: Readonly<Record<string, number>>;
  readonly lines: readonly string[];
  readonly against?: Found;
}

export function define(command: Command): void {
  command
    .argument("<artifact>", "folder of the sealed model")
    .option("--data <recipe>", "recipe whose data and split to measure on (default: the model's own)")
    .option("--set <key.path=value>", "change a value, such as evaluate.ks=[10]; may be repeated", collect)
    .option("--against <artifact>", "the teacher: adds fidelity to it, and each metric's paired difference")
    .action(async (artifact: string, options: Options) => {
      const { recipe, base } = await judgedData(artifact, options);
      const { threads, providers } = recipe;
      const around = await openSurroundings({
        ...{ base, command: commandLine(), progress: createProgress(), threads, providers },
      });
      try {
        await refuseOtherKind(artifact, options.against);
        const folders = options.against === undefined ? [artifact] : [options.against, artifact];
        const found =
          "clicklog" in recipe ? await network(folders, recipe, around) : await recommender(folders, recipe, around);
        const { figures, metrics, standardError, lines, against } = found;
        const rows = Object.entries(metrics).map(([name, value]) => [
          name,
          value.toFixed(4),
          standardError[name] === undefined ? "–" : `± ${standardError[name].toFixed(4)}`,
        ]);
        const text = [formatTable([["metric", "value", "standard error"], ...rows]), ...lines];
        if (against) text.push("", `Against ${options.against}:`, renderDifferences(against));
        const said = { artifact, metrics, standardError, ...figures };
        answer(
          options,
          against ? { ...said, against: { artifact: options.against, ...against } } : said,
          text.join("\n"),
        );
      } finally {
        await around.close();
      }
    });
  finish(
    command,
    "distilrec evaluate runs/demo/artifacts/student --set evaluate.ks=[5]",
    "distilrec evaluate runs/demo/artifacts/student-int4 --against runs/demo/artifacts/teacher",
  );
}

/** What a difference's verdict is about where nobody has said what may be lost. */
const usual: Margin = { maxDrop: 0.01, type: "relative", test: "t", alpha: 0.05 };

async function recommender(folders: readonly string[], recipe: Recipe, around: Surroundings): Promise<Evaluated> {
  const named = folders.map((path, at) => ({
    name: at < folders.length - 1 ? "teacher" : "model",
    path: resolve(path),
  }));
  const found = await measureArtifacts(named, recipe, around);
  const own = found.measured.at(-1)!;
  const { candidates, leftOut } = found.bench;
  const figures = { leftOut, ...(candidates && { candidates: sampledBy(candidates) }) };
  const pair = found.measured.length > 1 ? ([found.measured[0]!, own] as const) : undefined;
  return {
    ...{ figures, metrics: own.quality.metrics, standardError: own.quality.standardError },
    lines: evaluatedLines(figures),
    ...(pair && { against: await compareRecommenders(pair, found, usual, recipe, around) }),
  };
}

async function network(folders: readonly string[], recipe: ClickRecipe, around: Surroundings): Promise<Evaluated> {
  const opened = await Promise.all(folders.map(async (name) => ({ name, artifact: await openForeignFolder(name) })));
  const { scored, slices } = await scoreArtifacts(opened, recipe, around);
  const { metrics, standardError, ...figures } = qualityOf(scored.at(-1)!, slices, recipe.evaluate);
  return {
    ...{ figures, metrics, standardError, lines: [] },
    ...(scored.length > 1 && { against: compareNetworks({ scored, slices }, usual, recipe) }),
  };
}

async function refuseOtherKind(artifact: string, against: string | undefined): Promise<void> {
  if (against === undefined || (await holdsForeign(artifact)) === (await holdsForeign(against))) return;
  throw new UserError(
    `${against}: one of the two is a recommender and the other a network; give a teacher of its kind.`,
  );
}
