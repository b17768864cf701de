// Frappe (arXiv 1505.03014): app usage in context, in the division of NFM (He & Chua, arXiv 1708.05027) that BARS'
// frappe_x1 shares. Its published train file is not needed: it follows from the raw log up to the draw of negatives.
//
// - A libfm feature number is its column's first number plus the value's place in order of first appearance in the raw
//   log: columns user, item, daytime … city, 5,382 numbers in all. Every validation and test positive is then a raw log.
// - Each raw log had two negatives: its own user and context with an item that this user never took, uniform over such
//   items, no row twice. Validation and test hold 57,983 of them; each takes a place of a log with its user and context.
// - Train is the logs that are left and a fresh draw for each place that is left: 67,604 + 134,423 rows as published,
//   less the few logs that are equal to a validation or test row.

import { z } from "zod";
import { must, UserError } from "../base/errors.ts";
import type { Rng } from "../base/rng.ts";
import { splitLines } from "../data/delimited.ts";
import { inFolder } from "../data/describing.ts";
import type { Words } from "../data/raw-table.ts";
import { defineClickLog } from "../kinds/clicklog.ts";

const names = ["user", "item", "daytime", "weekday", "isweekend", "homework", "cost", "weather", "country", "city"];
const perLog = 2;

/** A row: the place of each column's value. */
type Row = readonly number[];
interface Labelled {
  readonly row: Row;
  readonly label: number;
  readonly part: number;
}

export default defineClickLog({
  name: "frappe",
  summary: "Frappe's app usage in context, in NFM's division; the negatives of train are drawn anew.",
  license: "research use, no redistribution",
  options: z.strictObject({
    path: z.string().min(1).describe("The folder that holds raw/frappe.csv and nfm/frappe.{validation,test}.libfm."),
  }),
  async load({ path }, { read, rng }) {
    const file = inFolder(path, "raw/frappe.csv");
    const raw = await read.rows(file, {
      format: "tsv",
      header: true,
      columns: names.map((name) => ({ name, from: name, as: "words" })),
    });
    const columns = names.map((name) => must(raw.columns.get(name), name) as Words);
    const logs = Array.from({ length: raw.n }, (_, r): Row => columns.map(({ code }) => code[r]!));
    const given: Labelled[] = [];
    for (const [part, name] of [
      [1, "validation"],
      [2, "test"],
    ] as const) {
      const libfm = inFolder(path, `nfm/frappe.${name}.libfm`);
      given.push(...readLibfm(await read.text(libfm), libfm, columns, part));
    }
    const sizes = columns.map(({ words }) => words.length);
    const rows = [...train(logs, given, sizes, rng.fork("negatives")), ...given];
    const table = new Map<string, Words | { kind: "numbers"; values: Float64Array }>(
      names.map((name, c) => [name, { ...columns[c]!, code: Int32Array.from(rows, ({ row }) => row[c]!) }]),
    );
    table.set("label", { kind: "numbers", values: Float64Array.from(rows, ({ label }) => label) });
    return {
      table: { n: rows.length, columns: table },
      part: Uint8Array.from(rows, ({ part }) => part),
      target: { label: "label", group: "user" },
      columns: names.map((column) => ({ kind: "category", column })),
    };
  },
});

/** Lines of "label number:1 …", one number a column. */
function readLibfm(text: string, file: string, columns: readonly Words[], part: number): Labelled[] {
  const first = [0];
  for (const { words } of columns) first.push(first.at(-1)! + words.length);
  return splitLines(text).map((line, n) => {
    const [label, ...features] = line.trim().split(" ");
    const row = features.map((feature, c) => Number(/^(\d+):1$/.exec(feature)?.[1]) - (first[c] ?? Number.NaN));
    if (row.length !== columns.length || !row.every((at, c) => at >= 0 && at < columns[c]!.words.length)) {
      throw new UserError(
        `${file}: line ${n + 1}: expected a label and ${columns.length} features of raw/frappe.csv, got "${line.slice(0, 60)}"; the two files do not belong together.`,
      );
    }
    return { row, label: Number(label) > 0 ? 1 : 0, part };
  });
}

/** The logs that no part holds yet, and negatives for every place that no given negative takes. */
function train(logs: readonly Row[], given: readonly Labelled[], sizes: readonly number[], rng: Rng): Labelled[] {
  const { keyOf, contextOf } = keys(sizes);
  const items = sizes[1]!;
  const held = new Set<number>();
  const taken = new Map<number, Set<number>>();
  const places = new Map<number, number>();
  const used = new Map<number, Set<number>>();
  for (const row of logs) {
    setOf(used, row[0]!).add(row[1]!);
    const context = contextOf(row);
    places.set(context, (places.get(context) ?? 0) + perLog);
  }
  for (const { row, label } of given) {
    if (label === 1) {
      held.add(keyOf(row));
      continue;
    }
    const context = contextOf(row);
    setOf(taken, context).add(row[1]!);
    places.set(context, (places.get(context) ?? 0) - 1);
  }
  const rows: Labelled[] = [];
  for (const row of logs) {
    if (!held.has(keyOf(row))) rows.push({ row, label: 1, part: 0 });
    const context = contextOf(row);
    const [own, drawn] = [setOf(used, row[0]!), setOf(taken, context)];
    const free = Math.min(perLog, places.get(context)!, items - own.size - drawn.size);
    for (let n = 0; n < free; n++) {
      let item: number;
      do item = rng.below(items);
      while (own.has(item) || drawn.has(item));
      drawn.add(item);
      rows.push({ row: row.with(1, item), label: 0, part: 0 });
    }
    places.set(context, places.get(context)! - Math.max(0, free));
  }
  return rows;
}

/** Each row as one number, its places as digits of a mixed radix; and so without the item. 4·10¹⁴ rows are possible. */
function keys(sizes: readonly number[]): { keyOf(row: Row): number; contextOf(row: Row): number } {
  const weight = sizes.map((_, c) => sizes.slice(0, c).reduce((product, size) => product * size, 1));
  if (weight.at(-1)! * sizes.at(-1)! > Number.MAX_SAFE_INTEGER) {
    throw new UserError(`raw/frappe.csv has columns of ${sizes.join(", ")} values; this is not the Frappe log.`);
  }
  const keyOf = (row: Row) => {
    let key = 0;
    for (let c = 0; c < row.length; c++) key += row[c]! * weight[c]!;
    return key;
  };
  return { keyOf, contextOf: (row) => keyOf(row) - row[1]! * weight[1]! };
}

function setOf(sets: Map<number, Set<number>>, key: number): Set<number> {
  const found = sets.get(key) ?? new Set<number>();
  sets.set(key, found);
  return found;
}
