// compress, of a graph: passes over its embedding tables and its dense layers, measured against what it was.

import type { ForeignArtifact } from "../../artifact/foreign.ts";
import type { Metrics } from "../../artifact/lineage.ts";
import { onnxPath } from "../../artifact/paths.ts";
import { must, prefixed, UserError } from "../../base/errors.ts";
import { createRng } from "../../base/rng.ts";
import { type RawTable, takeRows } from "../../data/raw-table.ts";
import { targets } from "../../data/targets.ts";
import type { Graph } from "../../graph/graph.ts";
import type { RunTensor, Runtime } from "../../graph/runtime.ts";
import { verify } from "../../graph/verify.ts";
import type { Kernels } from "../../kernels/kernels.ts";
import { encodeOnnx } from "../../onnx/encode.ts";
import { inspectModel } from "../../recommender/foreign/inspect.ts";
import type { PassStep } from "../compress.ts";
import { differentiable } from "../import-model.ts";
import { rowFeeds } from "../row-feeds.ts";
import { runOn } from "../run-on.ts";
import { sampleFeeds } from "../sample-feeds.ts";
import type { Files } from "../stage.ts";
import { answerOf } from "./answer.ts";
import { logitsByRuntime, qualityOf } from "./answer-rows.ts";
import { descend } from "./descend.ts";
import { type Budget, packMixed, type Sensitivity } from "./mixed-precision.ts";
import type { NarrowedLayer } from "./narrow-layers.ts";
import { observer } from "./observe.ts";
import { type LayerStep, type PackedTable, packGraph, saidOf, saidTables } from "./pack-graph.ts";
import { copyOf } from "./pack-tables.ts";

export interface CompressRequest {
  readonly artifact: ForeignArtifact;
  /** The new artifact's. */
  readonly name: string;
  /** Over tables. */
  readonly steps: readonly PassStep[];
  /** Over dense layers; without any they stay float32. */
  readonly layers?: readonly LayerStep[];
  /** The share of every hidden layer's neurons to take out first. */
  readonly neurons?: number | undefined;
  /** In place of steps: each table and layer in as few bits as its answers bear, by measuring on the rows. */
  readonly mixed?: Budget | undefined;
  /** Rows to compare the graphs on, and for passes that learn from rows; made-up ones without. `label` names the column of their labels. */
  readonly rows?: LabelledRows;
}

export interface LabelledRows {
  readonly file: string;
  readonly table: RawTable;
  readonly label?: string;
  /** Labels of at least this are 1; without it labels are 0 and 1. */
  readonly threshold?: number | undefined;
}

export interface CompressedGraph {
  readonly files: Files;
  /** Hidden layers that lost neurons. */
  readonly narrowed: readonly NarrowedLayer[];
  readonly tables: readonly PackedTable[];
  /** Weights of dense layers, where passes over them were asked for. */
  readonly layers: readonly PackedTable[];
  /** With a budget: what each table and layer bears. */
  readonly sensitivity?: readonly Sensitivity[];
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
  { artifact, name, steps, layers: layerSteps = [], neurons, mixed, rows }: CompressRequest,
  { kernels, runtime }: { readonly kernels: Kernels; readonly runtime: Runtime },
): Promise<CompressedGraph> {
  const plan = { neurons, tables: steps, layers: layerSteps };
  const observe = observer({ batches: (n) => someFeeds(artifact, rows, n) }, runtime);
  const packing = async () => {
    if (mixed) return { narrowed: [], ...(await packMixed(artifact, mixed, wanted(rows), { kernels, runtime })) };
    const graph = copyOf(artifact.graph);
    return {
      ...{ graph, sensitivity: undefined },
      ...(await packGraph(graph, artifact.manifest.tables, plan, { kernels, observe, rowsGiven: rows !== undefined })),
    };
  };
  const { graph, narrowed, tables, layers, sensitivity } = await prefixed(artifact.manifest.name, packing());
  verify(graph);
  const compared = await compare(artifact, graph, rows, runtime);
  const metrics = rows?.label === undefined ? undefined : await qualities(artifact, graph, rows, rows.label, runtime);
  const step = {
    ...{
      step: "compress" as const,
      options: {
        ...saidOf({ tables: steps, layers: layerSteps }),
        ...(neurons !== undefined && { neurons }),
        ...(sensitivity && { mixed, kept: Object.fromEntries(sensitivity.map(({ name: of, kept }) => [of, kept])) }),
      },
    },
    metrics: metrics ?? { before: {}, after: {} },
  };
  const files = descend(artifact, {
    name,
    graph,
    tables: saidTables(artifact.manifest.tables, tables),
    step,
  });
  const bytes = {
    before: must(artifact.manifest.files[onnxPath], onnxPath).bytes,
    after: must(files[onnxPath], onnxPath).length,
  };
  const found = { files, narrowed, tables, layers, bytes, ...compared };
  return { ...found, ...(sensitivity && { sensitivity }), ...(metrics && { metrics }) };
}

function wanted(rows: LabelledRows | undefined): LabelledRows {
  if (rows) return rows;
  throw new UserError("how many bits a table or layer needs is measured on rows; give some by --rows.");
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

/** Feeds of at most `n` rows for passes, drawn from all of them by a seed. */
function* someFeeds(artifact: ForeignArtifact, rows: LabelledRows | undefined, n: number) {
  if (!rows) {
    for (const { feeds } of feedsOf(artifact, rows)) yield feeds;
    return;
  }
  const order = Uint32Array.from({ length: rows.table.n }, (_, row) => row);
  createRng("compress").fork("rows").shuffle(order);
  const drawn = rowFeeds(artifact, takeRows(rows.table, order.subarray(0, n).sort()));
  const { fixed } = drawn;
  // Zeros behind the last rows are nobody's.
  for (const { rows: own, feeds } of drawn.batches({ batch })) {
    if (fixed === undefined || own.length === fixed || drawn.n < fixed) yield feeds;
  }
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
