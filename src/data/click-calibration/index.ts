// The ways to fit a calibration, by name.

import type { LogitMap } from "./logit-map.ts";
import { piecewiseLinear } from "./piecewise-linear.ts";
import { platt } from "./platt.ts";

/** The map for these labels and logits, of rows that no result is read from. */
type Fit = (label: Float32Array, logits: Float32Array) => LogitMap;

export type CalibrationMethod = LogitMap["method"];

export const calibrationFits: Readonly<Record<CalibrationMethod, Fit>> = {
  platt,
  "piecewise-linear": piecewiseLinear,
};

export const calibrationMethods = ["platt", "piecewise-linear"] as const satisfies readonly CalibrationMethod[];
