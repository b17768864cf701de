// Any one table of events, read through a column mapping.

import { z } from "zod";
import { rowsFor, titlesAndFeatures } from "../data/describing.ts";
import { toEvents } from "../data/events.ts";
import { defineDataset } from "../kinds/dataset.ts";
import { formatOption } from "../kinds/reader.ts";

const column = z.union([z.string().min(1), z.number().int().min(0)], {
  error: "must be a column's name or its position from 0",
});

const header = z.boolean().default(true).describe("Whether the first line of a text names the columns.");

const describing = z
  .strictObject({
    path: z.string().min(1),
    format: formatOption,
    header,
    id: column.default("id"),
    columns: z
      .record(
        z.string().min(1),
        z.strictObject({ from: column.optional(), as: z.enum(["words", "numbers", "lists"]).default("words") }),
      )
      .refine((columns) => Object.keys(columns).length > 0, "names no column"),
  })
  .optional();

export default defineDataset({
  name: "csv",
  summary: "Any CSV, TSV, “::”, Parquet or JSON-lines file, plain or gzip, by column mapping.",
  license: "yours",
  options: z.strictObject({
    path: z.string().min(1).describe("The file."),
    format: formatOption.describe("auto: by extension, and for text by the separator in the first line."),
    header,
    user: column.default("user").describe("Column of the user id."),
    item: column.default("item").describe("Column of the item id."),
    value: column.optional().describe("Column of the rating or strength; 1 each without it."),
    time: column.optional().describe("Column of the time: Unix seconds, milliseconds or ISO 8601."),
    users: describing.describe("What is known of users."),
    items: describing.describe("What is known of items; a column named title gives their readable names."),
  }),
  async load({ path, users, items, ...mapping }, { read }) {
    const events = toEvents(await read.columns(path, mapping));
    const described = async (ids: readonly string[], table: z.output<typeof describing>, where: string) => {
      if (!table) return undefined;
      const { path, format, header, id, columns } = table;
      const named = Object.entries(columns).map(([name, { from, as }]) => ({ name, from: from ?? name, as }));
      const rows = await read.rows(path, { format, header, columns: [{ name: "", from: id, as: "words" }, ...named] });
      return rowsFor(ids, rows, "", where);
    };
    const [userFeatures, about] = [
      await described(events.users, users, "users"),
      await described(events.items, items, "items"),
    ];
    return { events, ...(about && titlesAndFeatures(events.items, about)), ...(userFeatures && { userFeatures }) };
  },
});
