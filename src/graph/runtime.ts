// What is asked of whatever executes a graph; node/onnx-runtime.ts is the one for Node.

import type { DType } from "./tensor.ts";

/** A tensor at run time: bool and uint8 in Uint8Array, int64 in BigInt64Array; never over shared memory. */
export interface RunTensor {
  readonly dtype: DType;
  readonly dims: readonly number[];
  readonly data: Float32Array | Float64Array | BigInt64Array | Int32Array | Uint8Array | Int8Array | Uint16Array;
}

export interface Session {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Executes the graph; outputs named in `into` are written to its tensors, the others are new. */
  run(
    feeds: Readonly<Record<string, RunTensor>>,
    into?: Readonly<Record<string, RunTensor>>,
  ): Promise<Record<string, RunTensor>>;
  close(): Promise<void>;
}

export interface Runtime {
  /** A session over the bytes of an ONNX model; a model that the runtime refuses is a UserError. */
  open(model: Uint8Array): Promise<Session>;
}
