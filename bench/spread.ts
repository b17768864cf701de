// A figure over several seeds.

import type { Figures } from "./case.ts";

/** The mean, and the standard error of the mean over seeds. */
export function spread(name: string, values: readonly number[]): Figures {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const error = Math.sqrt(squares / (values.length - 1) / values.length);
  return { [name]: round(mean), [`${name} ±`]: round(error) };
}

/** Four digits. */
export const round = (value: number): number => Math.round(value * 1e4) / 1e4;
