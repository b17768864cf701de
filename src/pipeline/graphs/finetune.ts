// finetune: trains a graph that was imported, or a network that was trained here, on labelled rows, alone or with a
// teacher that scores the same rows first (engine/objectives/taught.ts). A stage: what was killed goes on after its last
// epoch.

import type { ForeignArtifact } from "../../artifact/foreign.ts";
import { bug, must, prefixed, UserError } from "../../base/errors.ts";
import { formatCount } from "../../base/format.ts";
import { createRng, type Rng } from "../../base/rng.ts";
import { sha256 } from "../../base/sha256.ts";
import { clickMetrics } from "../../data/click-metrics/index.ts";
import { tableFingerprint } from "../../data/fingerprint.ts";
import { holdOut } from "../../data/holdout.ts";
import { type RawTable, takeRows } from "../../data/raw-table.ts";
import { targets } from "../../data/targets.ts";
import { binaryCrossEntropy } from "../../engine/objectives/pointwise.ts";
import { taughtCrossEntropy } from "../../engine/objectives/taught.ts";
import { keepingClusters } from "../../engine/optimizers/keep-clusters.ts";
import { keepingZeros } from "../../engine/optimizers/keep-zeros.ts";
import { graphOptimizer } from "../../engine/optimizers/optimizer.ts";
import { tableMemories } from "../../engine/tables/memories.ts";
import type { Model } from "../../engine/training/model.ts";
import { openTables } from "../../engine/training/open-tables.ts";
import { readingNote, type Trained, train } from "../../engine/training/train.ts";
import { createTrainer, type Trainer } from "../../engine/training/trainer.ts";
import type { Objective } from "../../engine/training/training-graph.ts";
import type { Graph } from "../../graph/graph.ts";
import type { Kernels } from "../../kernels/kernels.ts";
import { decodeTraining, encodeTraining } from "../clicks/training-state.ts";
import { type RowFeeds, rowFeeds } from "../row-feeds.ts";
import { type Files, runStage, type Unfinished } from "../stage.ts";
import type { Surroundings } from "../surroundings.ts";
import { type Answer, answerOf, logitsOf } from "./answer.ts";
import { logitsBy, logitsByRuntime, qualityOf } from "./answer-rows.ts";
import { awareModel } from "./aware.ts";
import { descend, modelHash } from "./descend.ts";
import { arePruned, begin, type PrunedLayer, prune } from "./first-steps.ts";
import { clusteredWeights, learningModel, sparseWeights } from "./learning.ts";
import { observer } from "./observe.ts";
import { type FinetuneOptions, tableOptimizer, weightOptimizer } from "./options.ts";
import { type PackedTable, packGraph, type Steps, saidOf, saidTables, together } from "./pack-graph.ts";
import { copyOf } from "./pack-tables.ts";

export interface FinetuneRequest {
  readonly artifact: ForeignArtifact;
  /** The new artifact's. */
  readonly name: string;
  /** What errors call the rows. */
  readonly file: string;
  /** Its columns as `artifact` reads them, and the label. */
  readonly table: RawTable;
  readonly label: string;
  /** The same rows as the teacher reads them. */
  readonly teacher?: { readonly artifact: ForeignArtifact; readonly table: RawTable };
  readonly options: FinetuneOptions;
  /** A compression that the graph learns toward, and that is done to it in the end. */
  readonly steps?: Steps;
}

export type Quality = ReturnType<typeof qualityOf>;

export interface Finetuned {
  readonly files: Files;
  /** On rows that were held back and chose nothing. */
  readonly before: Quality;
  readonly after: Quality;
  /** Where it was compressed: by the same steps without learning, and what became of tables and layers. */
  readonly untrained?: Quality;
  readonly packed: { readonly tables: readonly PackedTable[]; readonly layers: readonly PackedTable[] };
  readonly teacher: Quality | undefined;
  /** How many rows were learnt from, chose the epoch, and were measured on. */
  readonly rows: { readonly learnt: number; readonly choosing: number; readonly measured: number };
  /** Weights and tables that learnt. */
  readonly weights: number;
  readonly tables: number;
  readonly trained: Trained;
  readonly notes: readonly string[];
}

type Around = Pick<Surroundings, "runtime" | "openKernels" | "clock" | "progress" | "store">;

type Step = (done: number, total: number, note?: string) => void;

interface Rows {
  readonly rows: RowFeeds;
  readonly label: Float32Array;
  /** The teacher's logit of each row. */
  readonly taught: Float32Array | undefined;
}

const version = 3;
const none = { tables: [], layers: [] };
/** Rows of a run that only looks. */
const atOnce = 4096;
const notePath = "finetuned.json";

/**
 * Trains and seals anew, kept in `around.store`; a model that became no better on the rows that choose the epoch is a
 * UserError, and so is divergence.
 */
export async function finetune(request: FinetuneRequest, around: Around): Promise<Finetuned> {
  const { name, label, options, teacher, steps } = request;
  const inputs = [request, ...(teacher ? [teacher] : [])].flatMap(({ artifact, table }) => [
    sha256(JSON.stringify(artifact.manifest)),
    tableFingerprint(table, new Uint8Array(0)),
  ]);
  const { value } = await runStage<Finetuned>(
    {
      ...{ stage: "finetune", version, label: "finetune", inputs },
      options: { name, label, ...options, ...(steps && saidOf(steps)) },
      encode: ({ files, ...said }) => ({ ...files, [notePath]: new TextEncoder().encode(JSON.stringify(said)) }),
      decode: ({ [notePath]: said, ...files }) => ({
        ...(JSON.parse(new TextDecoder().decode(must(said, notePath))) as Omit<Finetuned, "files">),
        files,
      }),
      compute: (step, unfinished) => learnAndSeal(request, around, step, unfinished),
    },
    around,
  );
  return value;
}

async function learnAndSeal(
  request: FinetuneRequest,
  around: Around,
  step: Step,
  unfinished: Unfinished,
): Promise<Finetuned> {
  const { artifact, options, steps } = request;
  const rng = createRng(options.seed).fork("finetune");
  const { learn, choose, measure } = await prefixed(request.file, divide(request, rng.fork("validation"), around));
  const withKernels = async <T>(work: (kernels: Kernels) => Promise<T>): Promise<T> => {
    const kernels = await around.openKernels();
    try {
      return await work(kernels);
    } finally {
      await kernels.close();
    }
  };
  const model = learningModel(artifact, options.freeze);
  const observe = observer({ batches: (n) => someFeeds(learn.rows, n) }, around.runtime);
  const tables = artifact.manifest.tables.map(({ name }) => name);
  const begun = steps
    ? await withKernels((kernels) => begin(model, steps, { kernels, observe, rowsGiven: true }))
    : { model, left: none, layers: [], pruned: [] };
  const logitsOfRows = (rows: Rows, graph: Graph, name: string) =>
    logitsByRuntime(answerOf(graph, artifact.manifest), rows.rows, around.runtime, name);
  const quality = async (rows: Rows, graph: Graph, name: string) =>
    qualityOf(rows.label, await logitsOfRows(rows, graph, name));
  const pack = async (graph: Graph, by: Steps): Promise<Finetuned["packed"]> =>
    by.tables.length + by.layers.length === 0
      ? none
      : withKernels((kernels) => packGraph(graph, artifact.manifest.tables, by, { kernels, observe, rowsGiven: true }));
  const untrained = copyOf(begun.model.graph);
  const alone = await pack(untrained, begun.left);
  const names = [...alone.tables, ...alone.layers].filter(({ refused }) => refused !== undefined);
  const refused = new Set(names.map(({ name }) => name));
  const aware = await awareModel(begun.model, tables, begun.left, { observe, refused });
  const answer = answerOf(aware.model.graph, artifact.manifest);
  const before = await quality(measure, artifact.graph, artifact.manifest.name);
  const chosenBefore = await quality(choose, steps ? untrained : artifact.graph, artifact.manifest.name);
  const run = {
    learn,
    choose,
    model: aware.model,
    pruned: begun.pruned,
    answer,
    options,
    rng,
    around,
    step,
    unfinished,
  };
  const { trained, initializers, logits } = await learnFrom(run);
  const graph = await aware.settled(initializers, around.runtime);
  checkParity(logits, await logitsOfRows(choose, graph, request.name), steps ? steppedShare : exactShare);
  const found = await pack(graph, begun.left);
  const packed = { tables: found.tables, layers: together(begun.layers, found.layers) };
  refuseWorse(chosenBefore, await quality(choose, graph, request.name), options);
  const after = await quality(measure, graph, request.name);
  const files = seal(request, graph, packed.tables, { before, after });
  return {
    ...{ files, before, after, trained, packed },
    ...(steps && { untrained: await quality(measure, untrained, artifact.manifest.name) }),
    teacher: measure.taught && qualityOf(measure.label, measure.taught),
    rows: { learnt: learn.rows.n, choosing: choose.rows.n, measured: measure.rows.n },
    ...{ weights: model.weights.length, tables: model.tables.length },
    notes: [`${answer.note}.`, ...keptNotes(run), ...unknownNote(aware.unknown)],
  };
}

const unknownNote = (steps: readonly string[]): string[] =>
  steps.length > 0 ? [`What ${steps.join(", ")} would change was not known in training.`] : [];

/** Feeds of about `n` rows, each whole. */
function* someFeeds(rows: RowFeeds, n: number) {
  const { fixed } = rows;
  let left = n;
  for (const { rows: own, feeds } of rows.batches({ batch: Math.min(n, atOnce), rng: createRng("compress") })) {
    if (left <= 0) return;
    if (fixed === undefined || own.length === fixed) yield feeds;
    left -= own.length;
  }
}

/** Matrices that keep the zeros that they have, or get. */
const zeroKeeping = ({ model, pruned }: Pick<Run, "model" | "pruned">): string[] => [
  ...new Set([...sparseWeights(model), ...pruned.map(({ layer }) => layer.name)]),
];

function keptNotes(run: Run): string[] {
  const [zeros, levels] = [zeroKeeping(run), [...clusteredWeights(run.model).keys()]];
  return [
    ...(zeros.length > 0 ? [`Pruned numbers of ${zeros.join(", ")} stay 0.`] : []),
    ...(levels.length > 0 ? [`Equal numbers of ${levels.join(", ")} stay equal.`] : []),
  ];
}

interface Run {
  readonly learn: Rows;
  readonly choose: Rows;
  readonly model: Model;
  readonly pruned: readonly PrunedLayer[];
  readonly answer: Answer;
  readonly options: FinetuneOptions;
  readonly rng: Rng;
  readonly around: Around;
  readonly step: Step;
  readonly unfinished: Unfinished;
}

async function divide(
  { artifact, table, label, teacher, options }: FinetuneRequest,
  rng: Rng,
  { runtime }: Around,
): Promise<{ learn: Rows; choose: Rows; measure: Rows }> {
  const labels = targets(table, { label, threshold: options.threshold }).label;
  if (teacher && teacher.table.n !== table.n) bug(`the teacher reads ${teacher.table.n} rows of ${table.n}`);
  const taught = teacher && (await prefixed("teacher", taughtBy(teacher, runtime)));
  // Checks all rows, so that errors name them as the file does.
  rowFeeds(artifact, table);
  const { validation, test } = options;
  const part = holdOut(table.n, { by: "random", validation, test }, rng);
  const partOf = (which: number, name: string): Rows => {
    const own = Uint32Array.from({ length: table.n }, (_, r) => r).filter((r) => part[r] === which);
    const rows = rowFeeds(artifact, takeRows(table, own));
    const mine = Float32Array.from(own, (r) => labels[r]!);
    const clicks = mine.reduce((n, y) => n + y, 0);
    if (clicks === 0 || clicks === mine.length)
      throw new UserError(
        `label "${label}": of ${formatCount(table.n)} rows ${formatCount(mine.length)} are ${name}, all with label ${clicks > 0 ? 1 : 0}; give rows of both labels, and more of them.`,
      );
    return { rows, label: mine, taught: taught && Float32Array.from(own, (r) => taught[r]!) };
  };
  return {
    learn: partOf(0, "to learn from"),
    choose: partOf(1, "held back to choose the epoch"),
    measure: partOf(2, "held back to measure on"),
  };
}

async function taughtBy({ artifact, table }: NonNullable<FinetuneRequest["teacher"]>, runtime: Around["runtime"]) {
  const answer = answerOf(artifact.graph, artifact.manifest);
  return logitsByRuntime(answer, rowFeeds(artifact, table), runtime, artifact.manifest.name);
}

async function learnFrom(run: Run) {
  const { learn, choose, model, answer, options, rng, around } = run;
  const memories = tableMemories(around.openKernels);
  try {
    const optimizer = weightOptimizer(options);
    const learning = { ...model, graph: answer.graph };
    const trainer = createTrainer({
      ...{ model: learning, accumulate: 1, runtime: around.runtime, rng: rng.fork("trainer") },
      tables: await openTables(learning, memories, tableOptimizer(options)),
      optimizer: keepingZeros(
        keepingClusters(graphOptimizer(optimizer), clusteredWeights(model)),
        new Set(zeroKeeping(run)),
      ),
      learningRate: () => options.learningRate,
      objective: objectiveOf(answer, options, learn.taught !== undefined),
    });
    try {
      const trained = await runEpochs(trainer, run);
      const { initializers } = trainer.model().graph;
      return { trained, initializers, logits: await logitsBy(answer, choose.rows, trainer.predict) };
    } finally {
      await trainer.close();
    }
  } finally {
    await memories.close();
  }
}

const labelFeed = "distilrec.label";
const teacherFeed = "distilrec.teacher";

/** The loss on the answer's logit. */
function objectiveOf({ output, isLogit }: Answer, { alpha, temperature }: FinetuneOptions, taught: boolean): Objective {
  return (g, outputs) => {
    const logits = logitsOf(g, must(outputs[output], `output "${output}"`), isLogit);
    const dims = g.dims(logits);
    const labels = g.input(labelFeed, "float32", dims);
    if (!taught) return binaryCrossEntropy(g, logits, labels);
    const teacher = g.input(teacherFeed, "float32", dims);
    return taughtCrossEntropy(g, logits, labels, { teacher, alpha, temperature });
  };
}

async function runEpochs(
  trainer: Trainer,
  { learn, choose, pruned, answer, options, rng, around, step, unfinished }: Run,
): Promise<Trained> {
  const { batch, epochs, patience, metric } = options;
  const { n, fixed } = learn.rows;
  if (fixed !== undefined && n < fixed)
    throw new UserError(`the graph takes ${fixed} rows at a time, of which ${n} are left to learn from; give more.`);
  const updates = epochs * (fixed === undefined ? Math.ceil(n / batch) : Math.floor(n / fixed));
  const before = await unfinished.read();
  let note = "";
  return train({
    ...{ trainer, epochs, patience, clock: around.clock, ...(before && { resume: decodeTraining(before).loop }) },
    *batches(epoch) {
      let done = 0;
      for (const { rows, feeds } of learn.rows.batches({ batch, rng: rng.fork(`epoch ${epoch}`) })) {
        // A graph of a fixed size would learn the zeros behind its last rows: those wait for another epoch's order.
        if (fixed !== undefined && rows.length < fixed) break;
        step(epoch * n + done, epochs * n, note);
        const column = (values: Float32Array) => ({
          ...{ dtype: "float32" as const, dims: [rows.length], data: Float32Array.from(rows, (r) => values[r]!) },
        });
        const taught = learn.taught && { [teacherFeed]: column(learn.taught) };
        prune(trainer, pruned, updates);
        yield { feeds: { ...feeds, [labelFeed]: column(learn.label), ...taught }, rows: rows.length };
        done += rows.length;
      }
    },
    metric: {
      better: clickMetrics[metric].better,
      measure: async () =>
        arePruned(trainer, pruned, updates)
          ? qualityOf(choose.label, await logitsBy(answer, choose.rows, trainer.predict))[metric]!
          : undefined,
    },
    progress(reading) {
      note = readingNote(reading, `held-back ${metric}`);
    },
    save: (loop) => unfinished.write(encodeTraining({ loop, readings: [] })),
  });
}

/** Of the largest logit: a number that is rounded to 8 bits on its way may fall a whole step to the other side. */
const [exactShare, steppedShare] = [1e-4, 0.05];

/** What is sealed must answer in ONNX Runtime as the trainer does. */
function checkParity(trainer: Float32Array, sealed: Float32Array, share: number): void {
  const size = trainer.reduce((most, z) => Math.max(most, Math.abs(z)), 1);
  const apart = trainer.reduce((most, z, r) => Math.max(most, Math.abs(z - sealed[r]!)), 0);
  if (!(apart <= share * size)) bug(`the fine-tuned graph's logits differ from the trainer's by ${apart}`);
}

function refuseWorse(before: Quality, after: Quality, { metric, learningRate }: FinetuneOptions): void {
  const gain = metric === "auc" ? after.auc - before.auc : before["log-loss"] - after["log-loss"];
  if (gain > 0) return;
  const numbers = `${after[metric]!.toFixed(4)} after the best epoch, ${before[metric]!.toFixed(4)} before`;
  throw new UserError(
    `no epoch made it better on the rows that choose it (${metric} ${numbers}); lower --learning-rate, now ${learningRate}, or give more rows.`,
  );
}

function seal(
  { artifact, name, label, teacher, options, table, steps }: FinetuneRequest,
  graph: Graph,
  packed: readonly PackedTable[],
  metrics: { before: Quality; after: Quality },
): Files {
  const { alpha, temperature, ...how } = options;
  const { name: called } = teacher?.artifact.manifest ?? {};
  const by = teacher && { teacher: { name: called, sha256: modelHash(teacher.artifact), alpha, temperature } };
  // Copies are tied to what they were copies of by now.
  const tables = saidTables(artifact.manifest.tables, packed).map((one) => ({ ...one, copies: [] }));
  const said = { label, rows: table.n, ...how, ...by, ...(steps && saidOf(steps)) };
  const step = { step: "finetune" as const, options: said, metrics };
  return descend(artifact, { name, graph, tables, step });
}
