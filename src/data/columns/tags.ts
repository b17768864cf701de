// A multi-hot column: the distinct values of a row's list, without order.

import { z } from "zod";
import { bagEncoder, bagFitted, bagOptions, fitBag } from "./bag.ts";
import { defineColumn } from "./kind.ts";

const kind = z.literal("tags");

export const tags = defineColumn({
  summary: "The distinct values of a list, pooled: genres, keywords.",
  options: z.strictObject({ kind, ...bagOptions }),
  fitted: z.strictObject({ kind, ...bagFitted }),
  fit: fitBag,
  encoder: (fitted, where) =>
    bagEncoder(fitted, "right", where, (rows, length) => [...new Set(rows)].filter((id) => id > 0).slice(0, length)),
});
