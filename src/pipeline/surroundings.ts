// All that the pipeline asks of the world: files, clocks, threads and a place to report to. node/surroundings.ts
// provides it.

import type { Artifact } from "../artifact/open.ts";
import type { Runtime } from "../graph/runtime.ts";
import type { Kernels } from "../kernels/kernels.ts";
import type { Reader } from "../kinds/reader.ts";
import type { Query } from "../recommender/scorer.ts";
import type { Results } from "../report/results.ts";
import type { Meter } from "./costs/interleave.ts";
import type { Asking, ProcessBytes } from "./costs/process-memory.ts";
import type { Files, Store } from "./stage.ts";

export interface Task {
  /** `done` of `total`; `note` is a short reading such as "loss 0.41". */
  step(done: number, total: number, note?: string): void;
  end(note?: string): void;
}

export interface Progress {
  start(label: string): Task;
  /** Ends a task that a failure left open. */
  stop(): void;
}

export interface AskOptions {
  /** Seconds to wait for an answer. */
  readonly timeout: number;
  /** Further attempts where one fails in a way that may pass. */
  readonly retries: number;
  /** Ends the question. */
  readonly signal: AbortSignal;
}

export interface Surroundings {
  readonly kernels: Kernels;
  readonly runtime: Runtime;
  readonly read: Reader;
  readonly store: Store;
  readonly progress: Progress;
  readonly machine: Results["machine"];
  /** Seconds, from any start. */
  clock(): number;
  readonly meter: Meter;
  /** What a page runs graphs on; undefined where it is not installed. */
  webRuntime(): Promise<Runtime | undefined>;
  /** Kernels over a memory of their own; who opens them closes them. */
  openKernels(): Promise<Kernels>;
  /** The command that repeats the run. */
  readonly command: string;
  /** POSTs a question as JSON to a service and returns its answer; a failure that lasts is a UserError. */
  ask(url: string, question: unknown, options: AskOptions): Promise<unknown>;
  /** Opens a sealed artifact by its folder. */
  openArtifact(path: string): Promise<Artifact>;
  /** Bytes of a file as compressed for transfer. */
  compressedBytes(file: Uint8Array): Promise<{ gzip: number; brotli: number }>;
  processBytes(files: Files, asking: Asking): Promise<ProcessBytes>;
  /** Scores of all items for each query by ONNX Runtime. */
  onnxScores(model: Uint8Array, queries: readonly Query[]): Promise<Float32Array[]>;
}
