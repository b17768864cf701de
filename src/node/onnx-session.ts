// A session of either build of ONNX Runtime, native or WebAssembly, as graphs are run.

import type { InferenceSession, TensorConstructor } from "onnxruntime-node";
import { mapValues } from "../base/map-values.ts";
import type { RunTensor, Session } from "../graph/runtime.ts";
import type { DType } from "../graph/tensor.ts";

/** The session, which `close` releases; `Tensor` is that of the build it belongs to. */
export function sessionOf(session: InferenceSession, Tensor: TensorConstructor): Session {
  const { inputNames: inputs, outputNames: outputs } = session;
  const tensorOf = ({ dtype, dims, data }: RunTensor) => new Tensor(dtype as "float32", data as Float32Array, dims);
  return {
    inputs,
    outputs,
    async run(feeds, into = {}) {
      const fetches = Object.fromEntries(outputs.map((name) => [name, into[name] ? tensorOf(into[name]) : null]));
      const results = await session.run(mapValues(feeds, tensorOf), fetches);
      return mapValues(results, ({ type, dims, data }) => ({
        dtype: type as DType,
        dims,
        data: data as RunTensor["data"],
      }));
    },
    close: () => session.release(),
  };
}
