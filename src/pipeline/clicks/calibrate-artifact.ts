// calibrate, of a sealed network or an imported graph: fitted on some of the rows given, measured on the others.

import type { ForeignArtifact } from "../../artifact/foreign.ts";
import { prefixed, UserError } from "../../base/errors.ts";
import { sigmoid } from "../../base/logistic.ts";
import { createRng } from "../../base/rng.ts";
import { type CalibrationMethod, calibrationFits } from "../../data/click-calibration/index.ts";
import { measureClicks } from "../../data/click-metrics/measure.ts";
import { holdOut } from "../../data/holdout.ts";
import type { RawTable } from "../../data/raw-table.ts";
import { targets } from "../../data/targets.ts";
import { answerOf } from "../graphs/answer.ts";
import { logitsByRuntime } from "../graphs/answer-rows.ts";
import { descend } from "../graphs/descend.ts";
import { rowFeeds } from "../row-feeds.ts";
import type { Files } from "../stage.ts";
import type { Surroundings } from "../surroundings.ts";
import { calibratedGraph } from "./calibrate-graph.ts";
import { ranksKept } from "./ranks-kept.ts";

export interface CalibrateRequest {
  readonly artifact: ForeignArtifact;
  /** The new artifact's. */
  readonly name: string;
  /** What errors call the rows. */
  readonly file: string;
  /** Its columns as `artifact` reads them, and the label. */
  readonly table: RawTable;
  readonly label: string;
  readonly options: CalibrateOptions;
}

export interface CalibrateOptions {
  readonly method: CalibrationMethod;
  /** Labels of at least this are 1; without it labels are 0 and 1. */
  readonly threshold?: number | undefined;
  /** Share of the rows that the result is measured on. */
  readonly validation: number;
  readonly seed: number;
}

export interface Calibrated {
  readonly files: Files;
  /** What was recognised as the graph's answer. */
  readonly note: string;
  readonly rows: number;
  readonly heldBack: number;
  /** Of the rows held back. */
  readonly before: Readonly<Record<string, number>>;
  readonly after: Readonly<Record<string, number>>;
  /** Neighbours among all rows whose logits are equal now, and neighbours that changed places. */
  readonly newTies: number;
  readonly moved: number;
}

const metrics = ["ece", "calibration", "log-loss", "brier", "auc"] as const;

/** Fits, folds and seals anew; what does no better on the rows held back is a UserError. */
export function calibrateArtifact(
  request: CalibrateRequest,
  around: Pick<Surroundings, "runtime">,
): Promise<Calibrated> {
  return prefixed(request.file, calibrated(request, around));
}

async function calibrated(
  { artifact, name, table, label, options }: CalibrateRequest,
  { runtime }: Pick<Surroundings, "runtime">,
): Promise<Calibrated> {
  const { manifest } = artifact;
  const { method, threshold, validation, seed } = options;
  const answer = answerOf(artifact.graph, manifest);
  const output = manifest.outputs.find((one) => one.name === answer.output);
  if (output?.dtype !== "float32")
    throw new UserError(`${manifest.name}: "${answer.output}" is ${output?.dtype}; only float32 can be calibrated.`);
  const labels = targets(table, { label, threshold }).label;
  const rows = rowFeeds(artifact, table);
  const part = holdOut(table.n, { by: "random", validation, test: 0 }, createRng(seed).fork("calibrate"));
  const take = (which: number, of: Float32Array) => of.filter((_, r) => part[r] === which);
  const logits = await logitsByRuntime(answer, rows, runtime, manifest.name);
  const map = calibrationFits[method](take(0, labels), take(0, logits));
  const graph = calibratedGraph(artifact.graph, answer, map);
  const now = await logitsByRuntime(answerOf(graph, manifest), rows, runtime, name);
  const quality = (of: Float32Array) =>
    measureClicks({ label: take(1, labels), score: take(1, of).map(sigmoid) }, metrics).metrics;
  const [before, after] = [quality(logits), quality(now)];
  if (!(after["log-loss"]! < before["log-loss"]!)) {
    const [was, is] = [before, after].map((one) => one["log-loss"]!.toFixed(5));
    throw new UserError(
      `on the rows held back log loss is ${is} calibrated and ${was} before; the model is right as it is, or more rows are needed.`,
    );
  }
  const heldBack = part.reduce((sum, p) => sum + p, 0);
  const files = descend(artifact, {
    ...{ name, graph, tables: manifest.tables },
    step: {
      step: "calibrate",
      options: { label, rows: table.n, heldBack, ...options, map },
      metrics: { before, after },
    },
  });
  return {
    ...{ files, note: answer.note, rows: table.n - heldBack, heldBack, before, after },
    ...ranksKept(logits, now),
  };
}
