// finetune: trains a graph that was imported, or a network that was trained here, on labelled rows, alone or with a
// teacher that scores the same rows first (engine/objectives/taught.ts).

import type { ForeignArtifact } from "../../artifact/foreign.ts";
import { bug, must, prefixed, UserError } from "../../base/errors.ts";
import { formatCount } from "../../base/format.ts";
import { createRng, type Rng } from "../../base/rng.ts";
import { clickMetrics } from "../../data/click-metrics/index.ts";
import { holdOut } from "../../data/holdout.ts";
import { type RawTable, takeRows } from "../../data/raw-table.ts";
import { targets } from "../../data/targets.ts";
import { binaryCrossEntropy } from "../../engine/objectives/pointwise.ts";
import { taughtCrossEntropy } from "../../engine/objectives/taught.ts";
import { graphOptimizer } from "../../engine/optimizers/optimizer.ts";
import { tableMemories } from "../../engine/tables/memories.ts";
import type { Model } from "../../engine/training/model.ts";
import { openTables } from "../../engine/training/open-tables.ts";
import { readingNote, type Trained, train } from "../../engine/training/train.ts";
import { createTrainer, type Trainer } from "../../engine/training/trainer.ts";
import type { Objective } from "../../engine/training/training-graph.ts";
import { type RowFeeds, rowFeeds } from "../row-feeds.ts";
import type { Files } from "../stage.ts";
import type { Surroundings } from "../surroundings.ts";
import { type Answer, answerOf, logitsOf } from "./answer.ts";
import { logitsBy, logitsByRuntime, qualityOf } from "./answer-rows.ts";
import { descend, modelHash } from "./descend.ts";
import { learningModel } from "./learning.ts";
import { type FinetuneOptions, tableOptimizer, weightOptimizer } from "./options.ts";

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
}

export type Quality = ReturnType<typeof qualityOf>;

export interface Finetuned {
  readonly files: Files;
  /** On the rows that were held back. */
  readonly before: Quality;
  readonly after: Quality;
  readonly teacher: Quality | undefined;
  readonly rows: number;
  readonly heldBack: number;
  /** Weights and tables that learnt. */
  readonly weights: number;
  readonly tables: number;
  readonly trained: Trained;
  readonly notes: readonly string[];
}

type Around = Pick<Surroundings, "runtime" | "openKernels" | "clock" | "progress">;

interface Rows {
  readonly rows: RowFeeds;
  readonly label: Float32Array;
  /** The teacher's logit of each row. */
  readonly taught: Float32Array | undefined;
}

/** Trains and seals anew; a model that became no better on the rows held back is a UserError, and so is divergence. */
export async function finetune(request: FinetuneRequest, around: Around): Promise<Finetuned> {
  const { artifact, options } = request;
  const model = learningModel(artifact, options.freeze);
  const answer = answerOf(model.graph, artifact.manifest);
  const rng = createRng(options.seed).fork("finetune");
  const { learn, held } = await prefixed(request.file, divide(request, rng.fork("validation"), around));
  const was = answerOf(artifact.graph, artifact.manifest);
  const before = qualityOf(held.label, await logitsByRuntime(was, held.rows, around.runtime, artifact.manifest.name));
  const { trained, graph, heldLogits } = await learnFrom(learn, held, model, answer, options, rng, around);
  const now = answerOf(graph, artifact.manifest);
  const logits = await logitsByRuntime(now, held.rows, around.runtime, request.name);
  checkParity(heldLogits, logits);
  const after = qualityOf(held.label, logits);
  refuseWorse(before, after, options);
  const files = seal(request, graph, { before, after });
  return {
    ...{ files, before, after, trained },
    teacher: held.taught && qualityOf(held.label, held.taught),
    ...{ rows: learn.rows.n, heldBack: held.rows.n, weights: model.weights.length, tables: model.tables.length },
    notes: [`${answer.note}.`],
  };
}

async function divide(
  { artifact, table, label, teacher, options }: FinetuneRequest,
  rng: Rng,
  { runtime }: Around,
): Promise<{ learn: Rows; held: Rows }> {
  const labels = targets(table, { label, threshold: options.threshold }).label;
  if (teacher && teacher.table.n !== table.n) bug(`the teacher reads ${teacher.table.n} rows of ${table.n}`);
  const taught = teacher && (await prefixed("teacher", taughtBy(teacher, runtime)));
  // Checks all rows, so that errors name them as the file does.
  rowFeeds(artifact, table);
  const part = holdOut(table.n, { by: "random", validation: options.validation, test: 0 }, rng);
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
  return { learn: partOf(0, "to learn from"), held: partOf(1, "held back") };
}

async function taughtBy({ artifact, table }: NonNullable<FinetuneRequest["teacher"]>, runtime: Around["runtime"]) {
  const answer = answerOf(artifact.graph, artifact.manifest);
  return logitsByRuntime(answer, rowFeeds(artifact, table), runtime, artifact.manifest.name);
}

async function learnFrom(
  learn: Rows,
  held: Rows,
  model: Model,
  answer: Answer,
  options: FinetuneOptions,
  rng: Rng,
  around: Around,
) {
  const memories = tableMemories(around.openKernels);
  try {
    const optimizer = weightOptimizer(options);
    const learning = { ...model, graph: answer.graph };
    const trainer = createTrainer({
      ...{ model: learning, accumulate: 1, runtime: around.runtime, rng: rng.fork("trainer") },
      tables: await openTables(learning, memories, tableOptimizer(options)),
      optimizer: graphOptimizer(optimizer),
      learningRate: () => options.learningRate,
      objective: objectiveOf(answer, options, learn.taught !== undefined),
    });
    try {
      const trained = await runEpochs(trainer, learn, held, answer, options, rng, around);
      const graph = { ...model.graph, initializers: trainer.model().graph.initializers };
      return { trained, graph, heldLogits: await logitsBy(answer, held.rows, trainer.predict) };
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
  learn: Rows,
  held: Rows,
  answer: Answer,
  { batch, epochs, patience, metric }: FinetuneOptions,
  rng: Rng,
  { clock, progress }: Around,
): Promise<Trained> {
  const { n, fixed } = learn.rows;
  if (fixed !== undefined && n < fixed)
    throw new UserError(`the graph takes ${fixed} rows at a time, of which ${n} are left to learn from; give more.`);
  const task = progress.start("finetune");
  let note = "";
  const trained = await train({
    ...{ trainer, epochs, patience, clock },
    *batches(epoch) {
      let done = 0;
      for (const { rows, feeds } of learn.rows.batches({ batch, rng: rng.fork(`epoch ${epoch}`) })) {
        // A graph of a fixed size would learn the zeros behind its last rows: those wait for another epoch's order.
        if (fixed !== undefined && rows.length < fixed) break;
        task.step(epoch * n + done, epochs * n, note);
        const column = (values: Float32Array) => ({
          ...{ dtype: "float32" as const, dims: [rows.length], data: Float32Array.from(rows, (r) => values[r]!) },
        });
        const taught = learn.taught && { [teacherFeed]: column(learn.taught) };
        yield { feeds: { ...feeds, [labelFeed]: column(learn.label), ...taught }, rows: rows.length };
        done += rows.length;
      }
    },
    metric: {
      better: clickMetrics[metric].better,
      measure: async () => qualityOf(held.label, await logitsBy(answer, held.rows, trainer.predict))[metric]!,
    },
    progress(reading) {
      note = readingNote(reading, `held-back ${metric}`);
    },
  });
  task.end(note);
  return trained;
}

/** What is sealed must answer in ONNX Runtime as the trainer does. */
function checkParity(trainer: Float32Array, sealed: Float32Array): void {
  const size = trainer.reduce((most, z) => Math.max(most, Math.abs(z)), 1);
  const apart = trainer.reduce((most, z, r) => Math.max(most, Math.abs(z - sealed[r]!)), 0);
  if (!(apart <= 1e-4 * size)) bug(`the fine-tuned graph's logits differ from the trainer's by ${apart}`);
}

function refuseWorse(before: Quality, after: Quality, { metric, learningRate }: FinetuneOptions): void {
  const gain = metric === "auc" ? after.auc - before.auc : before["log-loss"] - after["log-loss"];
  if (gain > 0) return;
  const numbers = `${after[metric]!.toFixed(4)} after the best epoch, ${before[metric]!.toFixed(4)} before`;
  throw new UserError(
    `no epoch made it better on the rows held back (${metric} ${numbers}); lower --learning-rate, now ${learningRate}, or give more rows.`,
  );
}

function seal(
  { artifact, name, label, teacher, options, table }: FinetuneRequest,
  graph: ForeignArtifact["graph"],
  metrics: { before: Quality; after: Quality },
): Files {
  const { alpha, temperature, ...how } = options;
  const { name: called } = teacher?.artifact.manifest ?? {};
  const by = teacher && { teacher: { name: called, sha256: modelHash(teacher.artifact), alpha, temperature } };
  // Copies are tied to what they were copies of by now.
  const tables = artifact.manifest.tables.map((one) => ({ ...one, copies: [] }));
  const step = { step: "finetune" as const, options: { label, rows: table.n, ...how, ...by }, metrics };
  return descend(artifact, { name, graph, tables, step });
}
