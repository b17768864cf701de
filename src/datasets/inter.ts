// RecBole's atomic interaction file: tab separated, the header names and types each field ("user_id:token").

import { z } from "zod";
import { suggest, UserError } from "../base/errors.ts";
import { splitLine } from "../data/delimited.ts";
import { toEvents } from "../data/events.ts";
import { defineDataset } from "../kinds/dataset.ts";

const types = ["token", "float", "token_seq", "float_seq"];

export default defineDataset({
  name: "inter",
  summary: "RecBole's atomic .inter file (tab separated, “name:type” header).",
  license: "as the source",
  options: z.strictObject({
    path: z.string().min(1).describe("The .inter file."),
    user: z.string().default("user_id").describe("Field of the user id, without its type."),
    item: z.string().default("item_id").describe("Field of the item id, without its type."),
    value: z.string().default("rating").describe("Field of the rating; 1 each where the file has no such field."),
    time: z.string().default("timestamp").describe("Field of the time; none where the file has no such field."),
  }),
  async load({ path, ...fields }, { read }) {
    const header = splitLine((await read.firstLine(path)).replace(/^\uFEFF/, ""), "\t", false);
    const typed = new Map<string, string>();
    for (const field of header) {
      const [name, type] = field.split(":");
      if (!name || !types.includes(type ?? "")) {
        throw new UserError(
          `${path}: line 1: expected fields as "name:type" with a type of ${types.join(", ")}, got "${field.slice(0, 40)}"; is this a .inter file?`,
        );
      }
      typed.set(name, field);
    }
    const need = (name: string) => {
      const field = typed.get(name);
      if (!field) throw new UserError(`${path}: no field named "${name}". ${suggest(name, [...typed.keys()])}`);
      return field;
    };
    const columns = await read.columns(path, {
      format: "tsv",
      header: true,
      user: need(fields.user),
      item: need(fields.item),
      value: typed.get(fields.value),
      time: typed.get(fields.time),
    });
    return { events: toEvents(columns) };
  },
});
