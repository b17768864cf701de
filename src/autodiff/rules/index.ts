// Every gradient rule by ONNX operator.

import type { GradientRule } from "../rule.ts";
import * as activations from "./activations.ts";
import * as dropout from "./dropout.ts";
import * as einsum from "./einsum.ts";
import * as elementwise from "./elementwise.ts";
import * as gru from "./gru.ts";
import * as indexing from "./indexing.ts";
import * as linear from "./linear.ts";
import * as lstm from "./lstm.ts";
import * as normalization from "./normalization.ts";
import * as pieces from "./pieces.ts";
import * as quantize from "./quantize.ts";
import * as reductions from "./reductions.ts";
import * as scan from "./scan.ts";
import * as shape from "./shape.ts";
import * as softmax from "./softmax.ts";

export const gradientRules: Readonly<Record<string, GradientRule>> = {
  ...activations,
  ...dropout,
  ...einsum,
  ...elementwise,
  ...gru,
  ...indexing,
  ...linear,
  ...lstm,
  ...normalization,
  ...pieces,
  ...quantize,
  ...reductions,
  ...scan,
  ...shape,
  ...softmax,
};
