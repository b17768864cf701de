// What a variant or a network costs, as plain JSON in results.json; docs/cost.md says how each number is found. Types only.

/** How a number was found: read from an instrument, exact from shapes and sizes, or a model of one with published figures. */
export type Found = "measured" | "computed" | "estimated";

/** What a batch of requests (of rows, for a network) costs when it is answered at once: fixed + perRow · batch. */
export interface Growth {
  readonly fixed: number;
  readonly perRow: number;
}

/** Bytes, as they are and compressed for transfer. */
export interface Weight {
  readonly raw: number;
  readonly gzip: number;
  readonly brotli: number;
}

export interface FileCost extends Weight {
  readonly path: string;
  /** Whether a runtime must load it to answer. */
  readonly load: boolean;
}

export interface TableCost extends Weight {
  readonly name: string;
  readonly encoding: string;
  readonly rows: number;
  readonly cols: number;
}

/** All nodes of one operator in the ONNX graph. */
export interface OpCost {
  readonly op: string;
  readonly nodes: number;
  /** Constants that they read, or that reach them by constants alone; each is counted at its first reader. */
  readonly bytes: number;
  readonly flops: Growth;
}

/** Bytes that go to and from memory to answer a batch. */
export interface Traffic {
  /** Tables that are scanned and weights, read whole. */
  readonly weights: Growth;
  /** Rows of tables that are picked by number. */
  readonly rows: Growth;
  /** Values between operators, read or written. */
  readonly values: Growth;
}

export interface Size {
  readonly bytes: number;
  readonly found: Found;
  /** What the bytes are, in a few words. */
  readonly how: string;
}

/** Time of one batch, all variants of the run measured by turns. */
export interface Latency {
  /** "node": what a server runs; "wasm": what a page runs, in Node's WebAssembly engine. */
  readonly runtime: "node" | "wasm";
  readonly batch: number;
  /** Milliseconds a batch. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** Requests (or rows) a second. */
  readonly perSecond: number;
  /** Batches that were timed. */
  readonly runs: number;
  /** Cores that other processes kept busy meanwhile. */
  readonly others: number;
}

export interface Energy {
  /** Of a thousand requests (or rows), one at a time on Node. */
  readonly joulesPerThousand: number;
  readonly found: Found;
  /** "package energy by RAPL", or the model it was estimated by. */
  readonly how: string;
}

export interface Cost {
  /** All files that a runtime must load to answer, each compressed on its own. */
  readonly bytes: Weight;
  readonly files: readonly FileCost[];
  readonly tables: readonly TableCost[];
  /** Of the ONNX graph, the most bytes first. */
  readonly ops: readonly OpCost[];
  /** Numbers that tables and weights stand for, whatever they are encoded in. */
  readonly parameters: { readonly tables: number; readonly weights: number };
  /** Items in the history of the mean request, which `flops`, `macs` and `traffic` are for; absent where none is read. */
  readonly history?: number;
  /** Floating-point operations; a multiplication and an addition are two. */
  readonly flops: Growth;
  /** Multiply-adds of products, which are two of `flops` each. */
  readonly macs: Growth;
  readonly traffic: Traffic;
  /** `answering`: what is resident to answer, at its peak. `process`: a process of its own that answers, where measured. */
  readonly memory: { readonly answering: Size; readonly process?: Size };
  readonly latency: readonly Latency[];
  readonly energy: Energy;
  /** What could not be measured here, and why. */
  readonly missing: readonly { readonly what: string; readonly why: string }[];
}
