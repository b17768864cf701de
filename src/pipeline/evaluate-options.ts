// What a recipe may say of the evaluation: the frame's block `evaluate`.

import { z } from "zod";
import { seedOption } from "../kinds/options.ts";
import { formatOption } from "../kinds/reader.ts";

const column = z.string().min(1);
const separator = z.string().min(1).default("|").describe("what a text with several values is cut at");

const slice = z.strictObject({
  of: z.enum(["items", "users"]).describe("whose column it is"),
  column: column.describe("a column of what the data knows of them"),
  separator,
  top: z.number().int().min(1).max(100).default(8).describe("the most frequent values, each a slice"),
  buckets: z
    .number()
    .int()
    .min(2)
    .max(100)
    .optional()
    .describe("parts of equal size of a column of numbers instead; 4 where the column is read as numbers"),
});

const place = z.union([column, z.number().int().min(0)]);
const listed = z.strictObject({
  file: z.string().min(1).describe("rows of a user and an item that may be shown"),
  format: formatOption,
  header: z.boolean().default(true),
  user: place.default("user").describe("column of the user id, or its position"),
  item: place.default("item").describe("column of the item id, or its position"),
});
const drawn = z.strictObject({
  negatives: z.number().int().min(1).max(100_000).describe("items a user that are drawn beside the relevant ones"),
  seed: seedOption.default(1),
  by: z.enum(["uniform", "popularity"]).default("uniform").describe("which items are drawn more often"),
});

/** The block with its defaults. */
export const evaluateOptions = z
  .strictObject({
    ks: z.array(z.number().int().min(1).max(1000)).min(1).max(10).default([10, 20]).describe("list lengths"),
    metrics: z.array(z.string()).min(1).optional().describe("default: all but auc and gauc that the data permits"),
    cold: z
      .number()
      .int()
      .min(0)
      .default(5)
      .describe("users with at most this many interactions in train are the slice cold"),
    part: z.enum(["test", "validation"]).default("test"),
    tags: z
      .strictObject({ column, separator })
      .optional()
      .describe("the items' column of tags; default: genres, category, categories or tags, the first there is"),
    slices: z.array(slice).max(50).default([]).describe("judged apart, beside head, mid, tail and cold"),
    candidates: z
      .union([listed, drawn], {
        error:
          "must be a file: { file, user, item }, or drawn: { negatives: 1 to 100000, by: uniform or popularity, seed }",
      })
      .optional()
      .describe("rank these items of each user only; by default the whole catalogue is ranked"),
  })
  .prefault({});

export type EvaluateOptions = Readonly<z.output<typeof evaluateOptions>>;
