// Every gradient rule by ONNX operator.

import type { GradientRule } from "../rule.ts";
import * as elementwise from "./elementwise.ts";
import * as reductions from "./reductions.ts";

export const gradientRules: Readonly<Record<string, GradientRule>> = { ...elementwise, ...reductions };
