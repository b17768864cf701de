// A sequence column: a row's list in its order, oldest first; the last `length` elements are kept.

import { z } from "zod";
import { bagEncoder, bagFitted, bagOptions, fitBag } from "./bag.ts";
import { defineColumn } from "./kind.ts";

const kind = z.literal("sequence");
const pad = z.enum(["left", "right"]).default("left").describe("Which side of a short sequence is filled up.");

export const sequence = defineColumn({
  summary: "The last values of a list in order, oldest first: what was clicked before.",
  options: z.strictObject({ kind, ...bagOptions, pad }),
  fitted: z.strictObject({ kind, ...bagFitted, pad }),
  fit: fitBag,
  encoder: (fitted, where) =>
    bagEncoder(fitted, fitted.pad, where, (rows, length) => rows.filter((id) => id > 0).subarray(-length)),
});
