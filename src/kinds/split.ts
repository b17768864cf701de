// A split divides a dataset's events into train, validation and test: part[e] is 0, 1 or 2, or 255 to leave e out.

import type { z } from "zod";
import type { Rng } from "../base/rng.ts";
import type { Dataset } from "./dataset.ts";

export interface SplitMethod<S extends z.ZodType = z.ZodType> {
  readonly kind: "split";
  readonly name: string;
  readonly summary: string;
  readonly options: S;
  /** Refuses a dataset without times. */
  readonly needsTime: boolean;
  split(dataset: Dataset, options: z.output<S>, rng: Rng): Uint8Array;
}

export const defineSplit = <S extends z.ZodType>(method: Omit<SplitMethod<S>, "kind">): SplitMethod<S> => ({
  kind: "split",
  ...method,
});
