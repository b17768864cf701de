// ONNX Runtime as it runs in a page: its WebAssembly build, on one thread as a page without isolation has it, in Node's
// own WebAssembly engine. The package is optional: 34 MB to download, needed by measuring alone.

import { UserError } from "../base/errors.ts";
import type { Runtime } from "../graph/runtime.ts";
import { sessionOf } from "./onnx-session.ts";

/** The runtime; undefined where onnxruntime-web is not installed. */
export async function openWebRuntime(): Promise<Runtime | undefined> {
  const found = await import("onnxruntime-web/wasm").catch((error: { code?: string }) => {
    if (error.code === "ERR_MODULE_NOT_FOUND") return undefined;
    throw error;
  });
  if (!found) return undefined;
  const { env, InferenceSession, Tensor } = found;
  env.wasm.numThreads = 1;
  env.logLevel = "error";
  return {
    async open(model) {
      try {
        return sessionOf(await InferenceSession.create(model, { executionProviders: ["wasm"] }), Tensor);
      } catch (error) {
        throw new UserError(`ONNX Runtime's WebAssembly build refuses the model: ${(error as Error).message}`);
      }
    },
  };
}
