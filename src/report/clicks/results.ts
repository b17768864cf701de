// What a click run found, as written to results.json and drawn in report.html. Plain JSON; knows numbers, not methods.

import type { Results } from "../results.ts";

export interface NetworkResult {
  readonly name: string;
  /** The network's name in the registry, e.g. "deepfm". */
  readonly network: string;
  /** Click metrics such as "auc" on the measured part; one that is not defined there is absent. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly standardError: Readonly<Record<string, number>>;
  /** The epoch whose weights were kept. */
  readonly kept: number;
  /** By epoch: mean loss on train, and the metric that training stopped on, on validation (null where undefined). */
  readonly curve: readonly { readonly epoch: number; readonly loss: number; readonly metric: number | null }[];
  readonly parameters: { readonly weights: number; readonly tables: number };
  readonly flopsPerRow: number;
  /** All that a runtime must load: model, columns, manifest. */
  readonly bytes: { readonly raw: number; readonly gzip: number; readonly brotli: number };
  /** Of one run over 1 row and over 256 rows. */
  readonly latencyMs: {
    readonly one: { readonly p50: number; readonly p99: number };
    readonly many: { readonly p50: number; readonly p99: number };
  };
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
  /** The metric that training stopped on. */
  readonly metric: string;
  readonly networks: readonly NetworkResult[];
  readonly machine: Results["machine"];
  /** The command that repeats this run. */
  readonly reproduce: string;
}
