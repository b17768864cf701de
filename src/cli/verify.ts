// distilrec verify RUN: opens and measures everything of a run again, and says what differs. Writes nothing.

import { join, resolve } from "node:path";
import type { Command } from "commander";
import { UserError } from "../base/errors.ts";
import { formatCount, formatTable } from "../base/format.ts";
import { openArtifactFolder, openForeignFolder } from "../node/artifact-folder.ts";
import { openSurroundings } from "../node/surroundings.ts";
import type { ClickRecipe } from "../pipeline/clicks/recipe.ts";
import { verifyNetworks } from "../pipeline/clicks/verify-networks.ts";
import { type Difference, differences } from "../pipeline/differences.ts";
import type { Recipe } from "../pipeline/recipe.ts";
import type { Surroundings } from "../pipeline/surroundings.ts";
import { type Verified, verifyRecommenders } from "../pipeline/verify.ts";
import type { ClickResults } from "../report/clicks/results.ts";
import type { Results } from "../report/results.ts";
import { answer, collect, finish } from "./answer.ts";
import { createProgress } from "./progress.ts";
import { commandLine, type Draft, readDraft, settleAny } from "./read-recipe.ts";
import { readResults } from "./read-results.ts";

interface Options {
  data?: string;
  set?: string[];
  json?: boolean;
}

export function define(command: Command): void {
  command
    .argument("<run>", "folder of a finished run")
    .option("--data <recipe>", "recipe that was run, beside whose file its data lies (default: what the manifests say)")
    .option("--set <key.path=value>", "change a value, such as dataset.path=copy.csv; may be repeated", collect)
    .action(async (run: string, options: Options) => {
      const results = await readResults(run);
      const found = "networks" in results ? await clicks(run, results, options) : await rankings(run, results, options);
      const same = found.differences.length === 0;
      answer(options, { run, same, ...found }, textOf(run, results, found));
      if (!same) process.exitCode = 1;
    });
  finish(command, "distilrec verify runs/demo");
}

async function rankings(run: string, results: Results, options: Options): Promise<Verified> {
  const opened = await openAll(run, results.variants, (folder) => openArtifactFolder(folder, { needs: "all" }));
  const claims = opened.good.flatMap(({ name, artifact: { manifest } }) => {
    const { metrics } = results.variants.find((one) => one.name === name)!;
    const said = { metrics: manifest.metrics, fingerprint: manifest.dataset.fingerprint, split: manifest.split };
    const claimed = { metrics, fingerprint: results.dataset.fingerprint, split: results.split.hash };
    return differences(`${name}: manifest.json`, claimed, said);
  });
  const named = opened.good.map(({ name, folder }) => ({ name, path: resolve(folder) }));
  const verified = await withData(opened.good[0]?.artifact.manifest.recipe, run, options, (recipe, around) =>
    verifyRecommenders(results, named, resolve(run), recipe as Recipe, around),
  );
  return { ...verified, differences: [...opened.broken, ...claims, ...verified.differences] };
}

async function clicks(run: string, results: ClickResults, options: Options): Promise<Verified> {
  const opened = await openAll(run, results.networks, openForeignFolder);
  const claims = opened.good.flatMap(({ name, artifact: { manifest } }) => {
    const { metrics } = results.networks.find((one) => one.name === name)!;
    const said = { metrics: manifest.trained?.metrics, fingerprint: manifest.trained?.dataset.fingerprint };
    return differences(`${name}: manifest.json`, { metrics, fingerprint: results.clicklog.fingerprint }, said);
  });
  const recipe = opened.good[0]?.artifact.manifest.trained?.recipe;
  const verified = await withData(recipe, run, options, (checked, around) =>
    verifyNetworks(results, opened.good, checked as ClickRecipe, around),
  );
  return { ...verified, differences: [...opened.broken, ...claims, ...verified.differences] };
}

/** Opens every artifact, which checks its hashes; one that is damaged or gone is a difference. */
async function openAll<T>(
  run: string,
  claimed: readonly { readonly name: string; readonly artifact: string }[],
  open: (folder: string) => Promise<T>,
): Promise<{ good: { name: string; folder: string; artifact: T }[]; broken: Difference[] }> {
  const good: { name: string; folder: string; artifact: T }[] = [];
  const broken: Difference[] = [];
  for (const { name, artifact } of claimed) {
    const folder = join(run, artifact);
    try {
      good.push({ name, folder, artifact: await open(folder) });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      broken.push({ what: `${name}: artifact`, claimed: "as it was sealed", found: error.message });
    }
  }
  if (good.length > 0) return { good, broken };
  throw new UserError(`${run}: none of its artifacts can be opened: ${broken[0]?.found ?? "its results name none"}`);
}

async function withData(
  made: unknown,
  run: string,
  { data, set }: Options,
  work: (recipe: Recipe | ClickRecipe, around: Surroundings) => Promise<Verified>,
): Promise<Verified> {
  const raw = made as Record<string, unknown>;
  const beside: Draft = data === undefined ? { raw, source: run, base: "." } : await readDraft(data);
  // What was run is in the manifests; --data only says where its files are.
  const recipe = settleAny({ ...beside, raw }, set);
  const { threads, providers } = recipe;
  const around = await openSurroundings({
    ...{ base: beside.base, command: commandLine(), progress: createProgress(), threads, providers },
  });
  try {
    return await work(recipe, around);
  } finally {
    await around.close();
  }
}

function textOf(run: string, results: Results | ClickResults, { compared, differences: found }: Verified): string {
  if (found.length === 0) {
    return `${run}: every artifact is as it was sealed, the data is the same, and all ${formatCount(compared)} numbers and verdicts were found again to the last digit.`;
  }
  const rows = found.map(({ what, claimed, found: is, by }) => [
    what,
    String(claimed),
    String(is),
    by === undefined ? "" : by.toExponential(1),
  ]);
  const { cpu, node } = results.machine;
  const why =
    "networks" in results
      ? `ONNX Runtime rounds sums in another order on another number of threads or another processor; the run was made on ${cpu}, Node ${node}.`
      : `Kernels give the same bits on any number of threads; the run was made on ${cpu}, Node ${node}, and files, recipe or release may have changed since.`;
  return `${run}: ${formatCount(found.length)} of ${formatCount(compared)} differ.\n\n${formatTable([["what", "claimed", "found", "by"], ...rows])}\n\n${why}`;
}
