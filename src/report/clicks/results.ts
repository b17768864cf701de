// What a click run found, as written to results.json and drawn in report.html. Plain JSON; knows numbers, not methods.

import type { CalibrationBin } from "../../data/click-metrics/ece.ts";
import type { ClickQuality } from "../../data/click-metrics/measure.ts";
import type { Cost } from "../cost-results.ts";
import type { GateOutcome } from "../evidence-results.ts";
import type { Results } from "../results.ts";

/** Rows that have something in common, such as "weather = sunny". */
export interface SliceResult extends ClickQuality {
  /** The column that says which rows are in. */
  readonly column: string;
  readonly name: string;
  readonly rows: number;
  readonly clicks: number;
}

/** What the model that ships reaches on the measured part: click metrics such as "auc", over all and by slice. */
export interface NetworkQuality extends ClickQuality {
  readonly slices: readonly SliceResult[];
  /** Slices that were not measured, by reason. */
  readonly slicesLeftOut: Readonly<Record<string, number>>;
  /** The calibration curve: bins of equal mass by rising prediction. */
  readonly calibration: readonly CalibrationBin[];
  /** Where probabilities were repaired on validation: how, and what the same network reached before. */
  readonly repair?: {
    readonly method: "platt" | "piecewise-linear";
    readonly before: ClickQuality & { readonly calibration: readonly CalibrationBin[] };
    /** Neighbouring measured rows whose logits float32 no longer tells apart; none ever change places. */
    readonly newTies: number;
  };
}

export interface NetworkResult extends NetworkQuality {
  readonly name: string;
  /** The network's name in the registry, e.g. "deepfm", or "ensemble". */
  readonly network: string;
  /** The networks that it learnt from, or that an ensemble is made of; absent where labels alone taught it. */
  readonly teachers?: readonly string[];
  /** The epoch whose weights were kept; 0 for an ensemble, which learns nothing. */
  readonly kept: number;
  /** By epoch: mean loss on train, and the metric that training stopped on, on validation (null where undefined). */
  readonly curve: readonly { readonly epoch: number; readonly loss: number; readonly metric: number | null }[];
  readonly cost: Cost;
  /** The recipe's gates, in its order; a drop against the network itself is no gate of it. Absent without gates. */
  readonly gates?: readonly GateOutcome[];
  /** Path of the artifact folder, relative to results.json. */
  readonly artifact: string;
}

export interface Part {
  readonly rows: number;
  readonly clicks: number;
}

export interface ClickResults {
  readonly kind: "clicks";
  readonly recipe: string;
  readonly seed: number;
  readonly clicklog: {
    readonly name: string;
    readonly columns: number;
    readonly train: Part;
    readonly validation: Part;
    readonly test: Part;
    /** Training rows held back for validation, where the log has no such part. */
    readonly heldBack: number;
    readonly fingerprint: string;
  };
  /** Which part the metrics are of. */
  readonly part: "test" | "validation";
  /** Scores of at least this were taken for clicks. */
  readonly threshold: number;
  /** What standard errors are over: users where the log says whose rows they are. */
  readonly units: "users" | "rows";
  /** The metric that training stopped on. */
  readonly metric: string;
  readonly networks: readonly NetworkResult[];
  readonly machine: Results["machine"];
  /** The command that repeats this run. */
  readonly reproduce: string;
}
