// compress, of a graph: passes over its embedding tables and its dense layers, measured against what it was.

import type { ForeignArtifact } from "../../artifact/foreign.ts";
import type { Metrics } from "../../artifact/lineage.ts";
import { onnxPath } from "../../artifact/paths.ts";
import { must, prefixed, UserError } from "../../base/errors.ts";
import { createRng } from "../../base/rng.ts";
import { drawRows, type RawTable } from "../../data/raw-table.ts";
import { targets } from "../../data/targets.ts";
import type { Graph } from "../../graph/graph.ts";
import type { RunTensor, Runtime, Session } from "../../graph/runtime.ts";
import { verify } from "../../graph/verify.ts";
import type { Kernels } from "../../kernels/kernels.ts";
import { encodeOnnx } from "../../onnx/encode.ts";
import { inspectModel } from "../../recommender/foreign/inspect.ts";
import type { PassStep } from "../compress.ts";
import { differentiable } from "../import-model.ts";
import { type RowFeeds, rowFeeds } from "../row-feeds.ts";
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
import { adapted, cutParts, type PartReport } from "./parts/choose.ts";
import { type Cut, type Feeds, type PartWishes, partKinds } from "./parts/part.ts";

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
  /** Fields, heads, experts and blocks to take out before anything else. */
  readonly parts?: PartWishes | undefined;
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
  /** What taking each part out alone cost, and which are gone. */
  readonly parts: readonly PartReport[];
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
  { artifact, name, steps, layers: layerSteps = [], neurons, parts: wishes = {}, mixed, rows }: CompressRequest,
  { kernels, runtime }: { readonly kernels: Kernels; readonly runtime: Runtime },
): Promise<CompressedGraph> {
  const plan = { neurons, tables: steps, layers: layerSteps };
  const { cut, parts } = await prefixed(artifact.manifest.name, cutParts(artifact, wishes, rows, runtime));
  const observe = observer({ batches: (n) => mapped(someFeeds(artifact, rows, n), cut.adapt) }, runtime);
  const packing = async () => {
    if (mixed) return { narrowed: [], ...(await packMixed(artifact, mixed, wanted(rows), { kernels, runtime })) };
    const graph = copyOf(cut.graph);
    const none = { graph, narrowed: [], tables: [], layers: [], sensitivity: undefined };
    if (parts.length > 0 && neurons === undefined && steps.length + layerSteps.length === 0) return none;
    return {
      ...none,
      ...(await packGraph(graph, cut.manifest.tables, plan, { kernels, observe, rowsGiven: rows !== undefined })),
    };
  };
  const { graph, narrowed, tables, layers, sensitivity } = await prefixed(artifact.manifest.name, packing());
  verify(graph);
  const now = { ...cut, graph };
  const compared = await compare(artifact, now, rows, runtime);
  const metrics = rows?.label === undefined ? undefined : await qualities(artifact, now, rows, rows.label, runtime);
  const step = {
    ...{
      step: "compress" as const,
      options: {
        ...saidOf({ tables: steps, layers: layerSteps }),
        ...(parts.length > 0 && { without: saidParts(parts) }),
        ...(neurons !== undefined && { neurons }),
        ...(sensitivity && { mixed, kept: Object.fromEntries(sensitivity.map(({ name: of, kept }) => [of, kept])) }),
      },
    },
    metrics: metrics ?? { before: {}, after: {} },
  };
  const files = descend(artifact, {
    ...{ name, graph, step },
    tables: saidTables(cut.manifest.tables, tables),
    reads: { inputs: cut.manifest.inputs, columns: cut.columns },
  });
  const bytes = {
    before: must(artifact.manifest.files[onnxPath], onnxPath).bytes,
    after: must(files[onnxPath], onnxPath).length,
  };
  const found = { files, parts, narrowed, tables, layers, bytes, ...compared };
  return { ...found, ...(sensitivity && { sensitivity }), ...(metrics && { metrics }) };
}

function* mapped(batches: Iterable<Feeds>, adapt: Cut["adapt"]) {
  for (const feeds of batches) yield adapt(feeds);
}

/** By kind the names of the parts that went. */
const saidParts = (parts: readonly PartReport[]) =>
  Object.fromEntries(
    partKinds.flatMap((kind) => {
      const names = parts.filter((part) => part.kind === kind && part.gone).map((part) => part.name);
      return names.length > 0 ? [[kind, names]] : [];
    }),
  );

function wanted(rows: LabelledRows | undefined): LabelledRows {
  if (rows) return rows;
  throw new UserError("how many bits a table or layer needs is measured on rows; give some by --rows.");
}

/** Runs both graphs over the same rows. */
async function compare(artifact: ForeignArtifact, cut: Cut, rows: LabelledRows | undefined, runtime: Runtime) {
  const sessions = [await runtime.open(encodeOnnx(artifact.graph)), await runtime.open(encodeOnnx(cut.graph))] as const;
  let [apart, largest, n] = [0, 0, 0];
  try {
    for (const { feeds, size } of feedsOf(artifact, rows)) {
      const run = (of: Session, given: Feeds, when: string) =>
        runOn(of, Object.fromEntries(of.inputs.map((input) => [input, must(given[input], `feed "${input}"`)])), when);
      const before = await run(sessions[0], feeds, "before");
      const after = await run(sessions[1], cut.adapt(feeds), "after");
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
  const drawn = rowFeeds(artifact, drawRows(rows.table, n, createRng("compress").fork("rows")));
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
  cut: Cut,
  { file, table, threshold }: LabelledRows,
  label: string,
  runtime: Runtime,
) {
  const measure = async (of: Graph, rows: RowFeeds) => {
    const labels = targets(table, { label, threshold }).label;
    return qualityOf(labels, await logitsByRuntime(answerOf(of, artifact.manifest), rows, runtime, file));
  };
  const rows = rowFeeds(artifact, table);
  const both = [measure(artifact.graph, rows), measure(cut.graph, adapted(rows, cut))] as const;
  const found = await prefixed(file, Promise.all(both));
  if (Object.values(found[0]).some(Number.isNaN))
    throw new UserError(`${file}: label "${label}" is the same in all rows; give rows of both labels.`);
  return { before: found[0], after: found[1] };
}
