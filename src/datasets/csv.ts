// Any one table of events, read through a column mapping.

import { z } from "zod";
import { toEvents } from "../data/events.ts";
import { defineDataset } from "../kinds/dataset.ts";

const column = z.union([z.string().min(1), z.number().int().min(0)], {
  error: "must be a column's name or its position from 0",
});

export default defineDataset({
  name: "csv",
  summary: "Any CSV, TSV, “::”, Parquet or JSON-lines file, plain or gzip, by column mapping.",
  license: "yours",
  options: z.strictObject({
    path: z.string().min(1).describe("The file."),
    format: z
      .enum(["auto", "csv", "tsv", "::", "parquet", "jsonl"])
      .default("auto")
      .describe("auto: by extension, and for text by the separator in the first line."),
    header: z.boolean().default(true).describe("Whether the first line of a text names the columns."),
    user: column.default("user").describe("Column of the user id."),
    item: column.default("item").describe("Column of the item id."),
    value: column.optional().describe("Column of the rating or strength; 1 each without it."),
    time: column.optional().describe("Column of the time: Unix seconds, milliseconds or ISO 8601."),
  }),
  async load({ path, ...mapping }, { read }) {
    return { events: toEvents(await read.columns(path, mapping)) };
  },
});
