// distilrec inspect ARTIFACT or FILE.onnx

import type { Command } from "commander";
import type { ForeignTable } from "../artifact/foreign.ts";
import type { Histories } from "../artifact/histories.ts";
import { formatBytes, formatCount, formatTable } from "../base/format.ts";
import { inlineFunctions } from "../graph/inline-functions.ts";
import { holdsForeign, openArtifactFolder, openForeignFolder } from "../node/artifact-folder.ts";
import { isFile } from "../node/disk.ts";
import { readOnnxFile } from "../node/onnx-file.ts";
import { outsideBytes, parametersOf, recommenderWork } from "../pipeline/costs/recommender-work.ts";
import { differentiable } from "../pipeline/import-model.ts";
import { inspectModel } from "../recommender/foreign/inspect.ts";
import type { Recommender } from "../recommender/recommender.ts";
import { scorerBytes } from "../recommender/scorer.ts";
import { alone } from "../report/cost-figures.ts";
import { renderInspection } from "../report/inspection.ts";
import { tableBytes } from "../tables/table.ts";
import { answer, finish } from "./answer.ts";

export function define(command: Command): void {
  command
    .argument("<artifact>", "folder of a sealed model, or an ONNX file")
    .action(async (folder: string, options: { json?: boolean }) => {
      if (await isFile(folder)) return inspectFile(folder, options);
      if (await holdsForeign(folder)) return inspectForeign(folder, options);
      const { manifest, recommender, histories } = await openArtifactFolder(folder, { needs: "all" });
      const tables = Object.entries(recommender.tables).map(([name, table]) => [
        ...[name, table.encoding, formatCount(table.rows), formatCount(table.cols), formatBytes(tableBytes(table))],
      ]);
      const files = Object.entries(manifest.files).map(([path, f]) => [
        path,
        formatBytes(f.bytes),
        f.load ? "to answer" : "aside",
      ]);
      const parent = manifest.parent === undefined ? "" : ` of ${manifest.parent}`;
      const text = [
        `${manifest.name}: ${manifest.role}${parent}, ${manifest.method}, answers ${asks[manifest.query]} over ${formatCount(manifest.items)} items.`,
        "Every file is as it was sealed.",
        formatTable([["table", "encoding", "rows", "columns", "bytes"], ...tables]),
        costOf(recommender, histories),
        formatTable([["file", "bytes", "needed"], ...files]),
        formatTable([
          [isSampled(manifest.recipe) ? "sampled metric" : "metric", "value"],
          ...metricRows(manifest.metrics),
        ]),
      ];
      answer(options, manifest, text.join("\n\n"));
    });
  finish(command, "distilrec inspect runs/demo/artifacts/student-int4", "distilrec inspect model.onnx");
}

/** Whether the recipe had only candidates ranked. */
const isSampled = (recipe: unknown): boolean =>
  (recipe as { evaluate?: { candidates?: unknown } } | null)?.evaluate?.candidates !== undefined;

/** What an answer costs by the recommender's shapes; of a history as long as the artifact's are on average. */
function costOf(recommender: Recommender, histories: Histories | undefined): string {
  const length = histories ? histories.indices.length / (histories.indptr.length - 1) : 1;
  const { flops, macs } = recommenderWork(recommender, length);
  const { tables, weights } = parametersOf(recommender);
  const from = recommender.query === "history" ? ` from ${formatCount(Math.round(length))} items` : "";
  const memory = formatBytes(scorerBytes(recommender) + outsideBytes(recommender));
  const work = `${formatCount(alone(flops))} operations (${formatCount(alone(macs))} multiply-adds)`;
  return `${formatCount(tables + weights)} parameters; an answer${from} takes ${work}, and ${memory} of memory at most.`;
}

const metricRows = (metrics: Readonly<Record<string, number>>): string[][] =>
  Object.entries(metrics).map(([name, value]) => [name, value.toFixed(4)]);

async function inspectFile(file: string, options: { json?: boolean }): Promise<void> {
  const { graph } = await readOnnxFile(file);
  inlineFunctions(graph);
  const found = inspectModel(graph, differentiable);
  answer(options, found, renderInspection(file, found));
}

/** A network or an imported graph: where it is from, what it is, and the columns that its rows need. */
async function inspectForeign(folder: string, options: { json?: boolean }): Promise<void> {
  const { manifest, graph } = await openForeignFolder(folder);
  const columns = manifest.inputs.map(({ name, role, columns: own }) => [name, role, own.join(", ")]);
  const { trained, source } = manifest;
  const from = trained ? `${trained.network} trained on ${trained.dataset.name}` : `imported from ${source?.file}`;
  const packed = manifest.tables.filter(({ encoding }) => encoding !== undefined);
  const found = inspectModel(graph, differentiable);
  // Of a packed table the scales look like a table of their own.
  const tables = found.tables.filter(({ name }) => manifest.tables.some((one) => one.name === name));
  const finetune =
    packed.length > 0 ? { can: false, why: "packed tables do not learn; its parent's do" } : found.abilities.finetune;
  const text = [
    `${manifest.name}: ${from}. Every file is as it was sealed.`,
    renderInspection(folder, { ...found, tables, abilities: { ...found.abilities, finetune } }),
    ...(packed.length > 0
      ? [formatTable([["packed table", "encoding", "rows", "columns"], ...packed.map(rowOf)])]
      : []),
    ...(manifest.lineage ?? []).map(
      ({ step, parent }) => `${done[step]} ${parent.name} (model ${parent.sha256.slice(0, 12)}…)`,
    ),
    formatTable([["input", "means", "columns of a row"], ...columns]),
    ...(trained ? [formatTable([["metric", "value"], ...metricRows(trained.metrics)])] : []),
  ];
  answer(options, manifest, text.join("\n\n"));
}

const rowOf = ({ name, encoding, rows, cols }: ForeignTable): string[] => [
  ...[name, encoding ?? "f32", formatCount(rows), formatCount(cols)],
];

const done = { finetune: "Fine-tuned from", compress: "Compressed from", calibrate: "Calibrated from" };
const asks = { user: "by user", history: "from a history", none: "everybody alike" };
