// The Criteo format: a label, 13 counts I1 … I13 and 26 hashed categories C1 … C26. Either as Criteo ships it (tab
// separated, no header, a label in every row) or with a header that names these columns.

import { z } from "zod";
import { UserError } from "../base/errors.ts";
import type { ColumnOptions } from "../data/columns/columns.ts";
import { splitLine } from "../data/delimited.ts";
import { holdOut, holdoutOptions } from "../data/holdout.ts";
import { defineClickLog } from "../kinds/clicklog.ts";

const counts = Array.from({ length: 13 }, (_, c) => `I${c + 1}`);
const categories = Array.from({ length: 26 }, (_, c) => `C${c + 1}`);
const names = ["label", ...counts, ...categories];

export default defineClickLog({
  name: "criteo",
  summary: "A file in Criteo's format: label, 13 counts, 26 categories; as shipped or with a header.",
  license: "as the source; Criteo's own are for research only",
  options: z.strictObject({
    path: z.string().min(1).describe("The file."),
    counts: z
      .enum(["number", "buckets"])
      .default("number")
      .describe("How counts enter: standardised sign · ln(1 + |x|), or as categories by quantile."),
    minCount: z.number().int().min(1).default(10).describe("Categories seen less often in train share one embedding."),
    holdout: holdoutOptions,
  }),
  async load({ path, counts: as, minCount, holdout }, { read, rng }) {
    const line = (await read.firstLine(path)).replace(/^\uFEFF/, "");
    const separator = line.includes("\t") ? "\t" : ",";
    const fields = splitLine(line, separator, false);
    const header = fields.includes("C26");
    if (!header && fields.length !== names.length) {
      throw new UserError(
        `${path}: line 1 has ${fields.length} fields, and names no column C26; Criteo's format has ${names.length}: a label, 13 counts, 26 categories.`,
      );
    }
    const label = header ? (fields.find((field) => field.toLowerCase() === "label") ?? "label") : 0;
    const table = await read.rows(path, {
      format: separator === "\t" ? "tsv" : "csv",
      header,
      columns: names.map((name, at) => ({
        name,
        from: at === 0 ? label : header ? name : at,
        as: name.startsWith("C") ? "words" : "numbers",
      })),
    });
    const columns: ColumnOptions[] = [
      ...counts.map((column) => (as === "buckets" ? { kind: as, column } : { kind: as, column, log: true })),
      ...categories.map((column) => ({ kind: "category" as const, column, minCount })),
    ];
    return { table, part: holdOut(table.n, holdout, rng.fork("holdout")), target: { label: "label" }, columns };
  },
});
