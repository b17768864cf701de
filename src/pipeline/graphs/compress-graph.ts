// compress, of a graph: passes over its embedding tables and its dense layers, measured against what it was.

import type { ForeignArtifact, ForeignTable } from "../../artifact/foreign.ts";
import type { Metrics } from "../../artifact/lineage.ts";
import { onnxPath } from "../../artifact/paths.ts";
import { must, prefixed, UserError } from "../../base/errors.ts";
import { createRng } from "../../base/rng.ts";
import type { RawTable } from "../../data/raw-table.ts";
import { targets } from "../../data/targets.ts";
import type { Graph } from "../../graph/graph.ts";
import type { RunTensor, Runtime } from "../../graph/runtime.ts";
import { verify } from "../../graph/verify.ts";
import type { Kernels } from "../../kernels/kernels.ts";
import { parseOptions } from "../../kinds/options.ts";
import { encodeOnnx } from "../../onnx/encode.ts";
import { inspectModel } from "../../recommender/foreign/inspect.ts";
import { type Table, tableBytes } from "../../tables/table.ts";
import type { PassStep } from "../compress.ts";
import { differentiable } from "../import-model.ts";
import { rowFeeds } from "../row-feeds.ts";
import { runOn } from "../run-on.ts";
import { sampleFeeds } from "../sample-feeds.ts";
import type { Files } from "../stage.ts";
import { answerOf } from "./answer.ts";
import { logitsByRuntime, qualityOf } from "./answer-rows.ts";
import { descend } from "./descend.ts";
import { layersOf, layerTable, packLayer } from "./pack-layers.ts";
import { copyOf, packTable, tableOf } from "./pack-tables.ts";

export interface CompressRequest {
  readonly artifact: ForeignArtifact;
  /** The new artifact's. */
  readonly name: string;
  readonly steps: readonly PassStep[];
  /** Passes over the weights of dense layers; without any they stay float32. */
  readonly layers?: readonly PassStep[];
  /** Rows to compare the graphs on; made-up ones without. `label` names the column of their labels. */
  readonly rows?: LabelledRows;
}

export interface LabelledRows {
  readonly file: string;
  readonly table: RawTable;
  readonly label?: string;
  /** Labels of at least this are 1; without it labels are 0 and 1. */
  readonly threshold?: number | undefined;
}

export interface PackedTable {
  readonly name: string;
  readonly encoding: string;
  readonly bytes: { readonly before: number; readonly after: number };
  /** Why passes left it as it was. */
  readonly refused?: string;
}

export interface CompressedGraph {
  readonly files: Files;
  readonly tables: readonly PackedTable[];
  /** Weights of dense layers, where passes over them were asked for. */
  readonly layers: readonly PackedTable[];
  /** Of model.onnx. */
  readonly bytes: { readonly before: number; readonly after: number };
  /** The largest of what the graph answered differently, and the largest number that it answered. */
  readonly apart: number;
  readonly largest: number;
  readonly rows: number;
  /** Of labelled rows. */
  readonly metrics?: { readonly before: Metrics; readonly after: Metrics };
}

const madeUpRows = 256;
const batch = 4096;

/** Packs and seals anew; where no pass changes anything it is a UserError with the reason. */
export async function compressGraph(
  { artifact, name, steps, layers: layerSteps = [], rows }: CompressRequest,
  { kernels, runtime }: { readonly kernels: Kernels; readonly runtime: Runtime },
): Promise<CompressedGraph> {
  const graph = copyOf(artifact.graph);
  const tables: PackedTable[] = [];
  for (const { name: table, encoding } of artifact.manifest.tables) {
    tables.push(await packedTable(graph, table, encoding, steps, kernels));
  }
  const layers: PackedTable[] = [];
  for (const layer of layerSteps.length > 0 ? layersOf(graph) : []) {
    layers.push(
      await packed(layerTable(graph, layer), layer, layerSteps, kernels, (one) => packLayer(graph, layer, one)),
    );
  }
  const all = [...tables, ...layers];
  if (all.every(({ refused }) => refused !== undefined)) {
    const why = all.map((one) => `${one.name}: ${one.refused}`).join("; ");
    const what = layerSteps.length > 0 ? "no table and no layer" : "no table";
    throw new UserError(`${artifact.manifest.name}: ${what} became smaller (${why || "it has none"}).`);
  }
  verify(graph);
  const compared = await compare(artifact, graph, rows, runtime);
  const metrics = rows?.label === undefined ? undefined : await qualities(artifact, graph, rows, rows.label, runtime);
  const step = {
    ...{
      step: "compress" as const,
      options: { passes: saidOf(steps), ...(layerSteps.length > 0 && { layers: saidOf(layerSteps) }) },
    },
    metrics: metrics ?? { before: {}, after: {} },
  };
  const files = descend(artifact, {
    name,
    graph,
    tables: artifact.manifest.tables.map((one, i) => said(one, tables[i]!)),
    step,
  });
  const bytes = {
    before: must(artifact.manifest.files[onnxPath], onnxPath).bytes,
    after: must(files[onnxPath], onnxPath).length,
  };
  return { files, tables, layers, bytes, ...compared, ...(metrics && { metrics }) };
}

const said = (table: ForeignTable, { encoding, refused }: PackedTable): ForeignTable =>
  refused === undefined ? { ...table, encoding } : table;

const saidOf = (steps: readonly PassStep[]) =>
  steps.map(({ pass, options }) => ({ use: pass.name, ...(options as object) }));

/** Runs the passes over one table of the graph and packs it, in place. */
async function packedTable(
  graph: Graph,
  name: string,
  encoding: string | undefined,
  steps: readonly PassStep[],
  kernels: Kernels,
): Promise<PackedTable> {
  const given = tableOf(graph, name);
  if (encoding !== undefined && "refused" in given)
    return { name, encoding, bytes: { before: 0, after: 0 }, refused: `its rows are already ${encoding}` };
  return packed(given, name, steps, kernels, (table) => packTable(graph, name, table));
}

/** Runs the passes over numbers of the graph and puts what they make in their place. */
async function packed(
  given: Table | { readonly refused: string },
  name: string,
  steps: readonly PassStep[],
  kernels: Kernels,
  put: (table: Table) => void,
): Promise<PackedTable> {
  if ("refused" in given) return { name, encoding: "", bytes: { before: 0, after: 0 }, refused: given.refused };
  let table = given;
  let refused: string | undefined;
  for (const [i, { pass, options }] of steps.entries()) {
    const where = `compress[${i}] (${pass.name})`;
    if ("tables" in (options as object))
      throw new UserError(`${where}: tables name those of a recommender; a graph's are all packed, leave it out.`);
    if ("transform" in pass) {
      refused = `${pass.name} changes factors of users and items together, and a graph's tables are none`;
      continue;
    }
    const context = { kernels, rng: createRng("compress").fork(`${i}/${name}`) };
    // A pass knows the roles of a recommender's tables; one with a row for each id is what an item's is.
    const encoded = await pass.encode(table, parseOptions(pass.options, options, where), context, "item");
    if ("refused" in encoded) refused = encoded.refused;
    else if (encoded.encoding === "sparse") refused = "ONNX Runtime has no sparse tables";
    else table = encoded;
  }
  const [before, after] = [tableBytes(given), tableBytes(table)];
  if (table === given)
    return { name, encoding: "f32", bytes: { before, after }, refused: refused ?? "no pass changed it" };
  put(table);
  return { name, encoding: table.encoding, bytes: { before, after } };
}

/** Runs both graphs over the same rows. */
async function compare(artifact: ForeignArtifact, graph: Graph, rows: LabelledRows | undefined, runtime: Runtime) {
  const sessions = [await runtime.open(encodeOnnx(artifact.graph)), await runtime.open(encodeOnnx(graph))] as const;
  let [apart, largest, n] = [0, 0, 0];
  try {
    for (const { feeds, size } of feedsOf(artifact, rows)) {
      const wanted = Object.fromEntries(
        sessions[0].inputs.map((input) => [input, must(feeds[input], `feed "${input}"`)]),
      );
      const [before, after] = [await runOn(sessions[0], wanted, "before"), await runOn(sessions[1], wanted, "after")];
      for (const [output, { data }] of Object.entries(before)) {
        for (let i = 0; i < data.length; i++) {
          const [a, b] = [Number(data[i]), Number(after[output]!.data[i])];
          apart = Math.max(apart, Math.abs(a - b));
          largest = Math.max(largest, Math.abs(a));
        }
      }
      n += size;
    }
  } finally {
    for (const session of sessions) await session.close();
  }
  if (!Number.isFinite(apart))
    throw new UserError(`${artifact.manifest.name}: it answers what is no number; see distilrec score.`);
  return { apart, largest, rows: n };
}

function* feedsOf(
  artifact: ForeignArtifact,
  rows: LabelledRows | undefined,
): Iterable<{ readonly feeds: Readonly<Record<string, RunTensor>>; readonly size: number }> {
  if (!rows) {
    const feeds = sampleFeeds(inspectModel(artifact.graph, differentiable), madeUpRows, createRng("compress"));
    yield { feeds, size: madeUpRows };
    return;
  }
  for (const { rows: own, feeds } of rowFeeds(artifact, rows.table).batches({ batch }))
    yield { feeds, size: own.length };
}

async function qualities(
  artifact: ForeignArtifact,
  graph: Graph,
  { file, table, threshold }: LabelledRows,
  label: string,
  runtime: Runtime,
) {
  const measure = async (of: Graph) => {
    const labels = targets(table, { label, threshold }).label;
    const logits = await logitsByRuntime(answerOf(of, artifact.manifest), rowFeeds(artifact, table), runtime, file);
    return qualityOf(labels, logits);
  };
  const found = await prefixed(file, Promise.all([measure(artifact.graph), measure(graph)]));
  if (Object.values(found[0]).some(Number.isNaN))
    throw new UserError(`${file}: label "${label}" is the same in all rows; give rows of both labels.`);
  return { before: found[0], after: found[1] };
}
