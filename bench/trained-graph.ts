// A network of a shipped recipe as a graph, with the log it was trained on by parts: what cases do that change graphs.

import { join } from "node:path";
import { type ForeignArtifact, openForeign } from "../src/artifact/foreign.ts";
import { onnxPath } from "../src/artifact/paths.ts";
import { must } from "../src/base/errors.ts";
import { type RawTable, takeRows } from "../src/data/raw-table.ts";
import { targets } from "../src/data/targets.ts";
import { openForeignFolder } from "../src/node/artifact-folder.ts";
import { readLog } from "../src/pipeline/clicks/read-clicks.ts";
import type { ClickRecipe } from "../src/pipeline/clicks/recipe.ts";
import { answerOf } from "../src/pipeline/graphs/answer.ts";
import { logitsByRuntime, qualityOf } from "../src/pipeline/graphs/answer-rows.ts";
import { rowFeeds } from "../src/pipeline/row-feeds.ts";
import { noStore } from "../src/pipeline/stage.ts";
import type { Surroundings } from "../src/pipeline/surroundings.ts";

/** The artifact `name` below `folder`, the rows of each part, and what works on graphs, without a store. */
export async function trainedGraph(name: string, folder: string, recipe: ClickRecipe, shared: Surroundings) {
  const around = { ...shared, store: noStore };
  const log = await readLog(recipe, around);
  const rowsOf = (part: number) =>
    takeRows(
      log.table,
      Uint32Array.from(log.part.keys()).filter((row) => log.part[row] === part),
    );
  const artifact = await openForeignFolder(join(folder, "artifacts", name));
  return { artifact, train: rowsOf(0), validation: rowsOf(1), test: rowsOf(2), around };
}

export const opened = (files: Readonly<Record<string, Uint8Array>>): Promise<ForeignArtifact> =>
  openForeign(async (path) => must(files[path], path));

/** AUC, log loss and the rest on `rows`, which are read as `reads` reads them. */
export async function qualityOn(
  { graph, manifest }: ForeignArtifact,
  rows: RawTable,
  label: string,
  { runtime }: Pick<Surroundings, "runtime">,
  reads: ForeignArtifact,
) {
  const logits = await logitsByRuntime(answerOf(graph, manifest), rowFeeds(reads, rows), runtime, manifest.name);
  return qualityOf(targets(rows, { label }).label, logits);
}

/** Of its model.onnx. */
export const graphBytes = (of: ForeignArtifact): number => must(of.manifest.files[onnxPath], onnxPath).bytes;
