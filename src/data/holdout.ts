// Which rows of one table are held out: at random, the last ones of the file, or the latest ones.

import { z } from "zod";
import { UserError } from "../base/errors.ts";
import type { Rng } from "../base/rng.ts";

const share = z.number().min(0).max(0.9);

export const holdoutOptions = z
  .strictObject({
    by: z.enum(["random", "order", "time"]).default("random").describe("Random rows, the file's last, or the latest."),
    validation: share.default(0.1).describe("Share of the rows for choosing and stopping."),
    test: share.default(0.1).describe("Share of the rows for the final measure."),
  })
  .prefault({})
  .describe("How one file is divided.");

/** Of each of n rows: 0 train, 1 validation, 2 test (after the validation rows where order counts). */
export function holdOut(
  n: number,
  { by, validation, test }: z.output<typeof holdoutOptions>,
  rng: Rng,
  time?: Float64Array,
): Uint8Array {
  if (validation + test >= 1) {
    throw new UserError(`holdout: validation ${validation} and test ${test} leave nothing to train on; lower them.`);
  }
  const order = Uint32Array.from({ length: n }, (_, row) => row);
  if (by === "random") rng.shuffle(order);
  if (by === "time") {
    if (!time)
      throw new UserError('holdout: by is "time", but no time column is named; name one or hold out by order.');
    const none = time.findIndex(Number.isNaN);
    if (none >= 0) throw new UserError(`holdout: by is "time", but row ${none + 1} has none; hold out by order.`);
    order.sort((a, b) => time[a]! - time[b]! || a - b);
  }
  const lastTrain = Math.round(n * (1 - validation - test));
  const lastValidation = Math.round(n * (1 - test));
  const part = new Uint8Array(n);
  for (let at = lastTrain; at < n; at++) part[order[at]!] = at < lastValidation ? 1 : 2;
  return part;
}
