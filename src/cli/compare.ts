// distilrec compare A B: is B worse than A by more than a margin, and how near is it? Writes nothing.

import { stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { manifestPath } from "../artifact/paths.ts";
import { UserError } from "../base/errors.ts";
import { parseBound } from "../evidence/gates/quantity.ts";
import { holdsForeign, openArtifactFolder, openForeignFolder } from "../node/artifact-folder.ts";
import { openSurroundings } from "../node/surroundings.ts";
import { compareNetworks } from "../pipeline/clicks/compare-networks.ts";
import type { ClickRecipe } from "../pipeline/clicks/recipe.ts";
import { scoreArtifacts } from "../pipeline/clicks/score-artifacts.ts";
import { compareRecommenders, type Found, type Margin } from "../pipeline/compare.ts";
import { measureArtifacts } from "../pipeline/measure-artifacts.ts";
import type { Recipe } from "../pipeline/recipe.ts";
import type { Surroundings } from "../pipeline/surroundings.ts";
import { type ComparedModel, type Comparison, renderComparison, trainedElsewhere } from "../report/comparison.ts";
import { answer, collect, finish } from "./answer.ts";
import { judgedData } from "./judged-data.ts";
import { createProgress } from "./progress.ts";
import { commandLine } from "./read-recipe.ts";

interface Options {
  data?: string;
  set?: string[];
  margin: string;
  metrics?: string;
  slice?: string;
  test: "t" | "bootstrap";
  alpha: number;
  json?: boolean;
}

export function define(command: Command): void {
  command
    .argument("<a>", "folder of the sealed model to compare with")
    .argument("<b>", "folder of the one that is to replace it")
    .option("--data <recipe>", "recipe whose data and evaluation to compare on (default: A's own)")
    .option("--set <key.path=value>", "change a value, such as evaluate.ks=[10]; may be repeated", collect)
    .option("--margin <drop>", "what B may lose of a metric, such as 1% or 0.002 (absolute)", "1%")
    .option("--metrics <names>", "metrics to judge by, comma-separated (default: all of the recipe's)")
    .option("--slice <name>", "compare on a slice, such as tail or cold")
    .option("--test <name>", "t or bootstrap", test, "t")
    .option("--alpha <number>", "how often a B that is at the margin may pass", alpha, 0.05)
    .action(async (a: string, b: string, options: Options) => {
      const found = await compare(a, b, options);
      answer(options, found, renderComparison(found));
      if (found.verdict === "fail") process.exitCode = 1;
    });
  finish(
    command,
    "distilrec compare runs/demo/artifacts/teacher runs/demo/artifacts/student-int4 --metrics ndcg,recall",
    "distilrec compare runs/frappe/artifacts/dcnv2 runs/frappe/artifacts/deepfm --margin 0.001 --metrics auc",
  );
}

/** Names the data and its division: of a comparison, or what a model was trained on. */
interface Divided {
  readonly division: string | undefined;
}

async function compare(a: string, b: string, options: Options): Promise<Comparison> {
  const margin = marginOf(options);
  const set = [...(options.set ?? []), ...(options.metrics ? [`evaluate.metrics=[${options.metrics}]`] : [])];
  const [foreign, other] = [await holdsForeign(a), await holdsForeign(b)];
  const models = [await modelOf(a, foreign), await modelOf(b, other)] as const;
  if (foreign !== other)
    throw new UserError(`${b}: one of the two is a recommender and the other a network; compare two of a kind.`);
  const { recipe, base } = await judgedData(a, { data: options.data, set });
  const { threads, providers } = recipe;
  const around = await openSurroundings({
    ...{ base, command: commandLine(), progress: createProgress(), threads, providers },
  });
  try {
    const both = "clicklog" in recipe ? networks : recommenders;
    const { division, ...found } = await both([a, b], recipe as Recipe & ClickRecipe, margin, around);
    const [first, second] = models;
    const notes = trainedElsewhere([first.division === division, second.division === division]);
    return { a: first.said, b: second.said, notes, ...found };
  } finally {
    await around.close();
  }
}

async function recommenders(
  folders: readonly [string, string],
  recipe: Recipe,
  margin: Margin,
  around: Surroundings,
): Promise<Found & Divided> {
  const named = folders.map((folder, at) => ({ name: `${"AB"[at]} ${basename(folder)}`, path: resolve(folder) }));
  const found = await measureArtifacts(named, recipe, around);
  const [first, second] = found.measured;
  const pair = [{ ...first!, name: "A" }, second!] as const;
  return { division: found.parts.hash, ...(await compareRecommenders(pair, found, margin, recipe, around)) };
}

async function networks(
  folders: readonly [string, string],
  recipe: ClickRecipe,
  margin: Margin,
  around: Surroundings,
): Promise<Found & Divided> {
  const opened = await Promise.all(
    folders.map(async (folder) => ({ name: folder, artifact: await openForeignFolder(folder) })),
  );
  const found = await scoreArtifacts(opened, recipe, around);
  return { division: found.log.fingerprint, ...compareNetworks(found, margin, recipe) };
}

async function modelOf(folder: string, foreign: boolean): Promise<Divided & { readonly said: ComparedModel }> {
  const { manifest } = foreign ? await openForeignFolder(folder) : await openArtifactFolder(folder, { needs: "load" });
  const files = Object.values(manifest.files).filter(({ load }) => load);
  const own = (await stat(join(folder, manifestPath))).size;
  const bytes = files.reduce((sum, file) => sum + file.bytes, own);
  const division = "split" in manifest ? manifest.split : manifest.trained?.dataset.fingerprint;
  return { division, said: { artifact: folder, name: manifest.name, bytes } };
}

function marginOf({ margin, slice, test, alpha }: Options): Margin {
  const { value, side, percent } = parseBound(margin, "number", "most", "--margin");
  if (side === "least" || value < 0 || (percent && value >= 1))
    throw new UserError(`--margin ${margin}: it is what may be lost at most, from 0 to below 100 %, such as 1%.`);
  const type = percent ? "relative" : "absolute";
  return { maxDrop: value, type, test, alpha, ...(slice !== undefined && { slice }) };
}

function test(name: string): "t" | "bootstrap" {
  if (name === "t" || name === "bootstrap") return name;
  throw new InvalidArgumentError("it must be t or bootstrap.");
}

function alpha(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 0.5) return value;
  throw new InvalidArgumentError("it must be a number above 0, at most 0.5.");
}
