// ONNX Runtime as the engine's runtime.

import { InferenceSession, listSupportedBackends, Tensor } from "onnxruntime-node";
import { suggest, UserError } from "../base/errors.ts";
import type { Runtime } from "../graph/runtime.ts";
import { sessionOf } from "./onnx-session.ts";

export interface RuntimeOptions {
  /** Threads of one operator. */
  readonly threads: number;
  /** ONNX Runtime's execution providers in order of preference; cpu where none is given. */
  readonly providers?: readonly string[];
}

/**
 * Microseconds that a thread without work waits awake. ONNX Runtime's own, about a thousand, take the cores from our
 * kernels between two runs, and from every other process: on two cores that others keep busy a step of SASRec took
 * 297 ms and 100 of processor time, and so takes 68 and 66.
 */
const SPIN = "20";

/** Sessions on this machine's ONNX Runtime. */
export function onnxRuntime({ threads, providers = ["cpu"] }: RuntimeOptions): Runtime {
  return {
    async open(model) {
      checkProviders(providers);
      const session = await create(model, {
        executionProviders: [...providers],
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        extra: { session: { intra_op: { spin_duration_us: SPIN } } },
        graphOptimizationLevel: "all",
        logSeverityLevel: 3,
      });
      return sessionOf(session, Tensor);
    },
  };
}

/** Throws a UserError for a provider that this build of ONNX Runtime does not have. */
function checkProviders(providers: readonly string[]): void {
  const known = listSupportedBackends().map(({ name }) => name);
  for (const name of providers) {
    if (!known.includes(name)) {
      throw new UserError(`ONNX Runtime has no execution provider "${name}" here. ${suggest(name, known)}`);
    }
  }
}

async function create(model: Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(model, options);
  } catch (error) {
    throw new UserError(`ONNX Runtime refuses the model: ${(error as Error).message}`);
  }
}
