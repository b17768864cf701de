// Every gradient rule by ONNX operator.

import type { GradientRule } from "../rule.ts";
import * as activations from "./activations.ts";
import * as dropout from "./dropout.ts";
import * as elementwise from "./elementwise.ts";
import * as normalization from "./normalization.ts";
import * as reductions from "./reductions.ts";
import * as softmax from "./softmax.ts";

export const gradientRules: Readonly<Record<string, GradientRule>> = {
  ...activations,
  ...dropout,
  ...elementwise,
  ...normalization,
  ...reductions,
  ...softmax,
};
