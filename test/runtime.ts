// One ONNX Runtime for tests that train.

import type { Runtime } from "../src/graph/runtime.ts";
import { onnxRuntime } from "../src/node/onnx-runtime.ts";

export const runtime: Runtime = onnxRuntime({ threads: 1 });
