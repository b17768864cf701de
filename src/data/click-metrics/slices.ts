// Which of the measured rows are a slice: those of one value of a column, of one interval of a number, of the most or
// least popular values, or of values that train hardly knows. What a slice is follows from train; test only fills it.

import { z } from "zod";
import { below, quantiles } from "../columns/buckets.ts";
import { equalShares, fallingOrder } from "../equal-shares.ts";
import { asLists, asNumbers, asWords, type RawColumn } from "../raw-table.ts";

export interface SliceOptions {
  readonly column: string;
  readonly by?: "value" | "quantile" | "popularity" | "cold" | undefined;
  readonly separator?: string | undefined;
  readonly buckets: number;
  readonly few: number;
  readonly minRows: number;
}

export const sliceOptions: z.ZodType<SliceOptions, unknown> = z.strictObject({
  column: z.string().min(1).describe("column of the log, a feature or not"),
  by: z
    .enum(["value", "quantile", "popularity", "cold"])
    .optional()
    .describe(
      "each value; intervals of equal mass in train; the values that make up a third of train's rows each, most frequent first; values with few rows in train. Default: quantile for numbers, else value",
    ),
  separator: z.string().min(1).optional().describe("cuts a text into the several values that it holds"),
  buckets: z.number().int().min(2).max(100).default(4).describe("intervals of quantile"),
  few: z.number().int().min(1).max(1e6).default(10).describe("values with fewer rows in train than this are cold"),
  minRows: z.number().int().min(2).max(1e9).default(100).describe("smaller slices are left out and counted"),
});

export interface Slice {
  readonly column: string;
  /** What its rows have in common, such as "weather = sunny". */
  readonly name: string;
  /** Places among the measured rows. */
  readonly rows: Uint32Array;
}

/** Larger ones come first; of one column no more are told apart. */
const mostSlices = 50;

/** The slices of the rows in `part` `measured` (of 0 train, 1, 2), and how many were left out, by reason. */
export function slicesOf(
  raw: RawColumn,
  part: Uint8Array,
  measured: 1 | 2,
  options: SliceOptions,
): { readonly slices: readonly Slice[]; readonly leftOut: Readonly<Record<string, number>> } {
  const { column, minRows, by = raw.kind === "numbers" ? "quantile" : "value" } = options;
  const { names, of } = kinds[by](raw, part, options);
  const rows = names.map((): number[] => []);
  for (let r = 0, at = 0; r < part.length; r++) {
    if (part[r] !== measured) continue;
    for (const slice of of(r)) rows[slice]!.push(at);
    at++;
  }
  const found = names.map((name, s) => ({ column, name, rows: Uint32Array.from(rows[s]!) }));
  const filled = found.filter((slice) => slice.rows.length > 0);
  const large = filled.filter((slice) => slice.rows.length >= minRows);
  const slices = by === "value" ? large.sort((a, b) => b.rows.length - a.rows.length).slice(0, mostSlices) : large;
  const small = filled.length - slices.length;
  return { slices, leftOut: small > 0 ? { [`slices of ${column} that are too small or too many`]: small } : {} };
}

/** Names of all slices, and the ones that a row of the table is in. */
interface Slicing {
  readonly names: readonly string[];
  of(row: number): Iterable<number>;
}

type Kind = (raw: RawColumn, part: Uint8Array, options: SliceOptions) => Slicing;

const kinds: Record<NonNullable<SliceOptions["by"]>, Kind> = {
  value(raw, _, { column, separator }) {
    const list = separator !== undefined ? asLists(raw, separator) : raw.kind === "lists" ? raw : undefined;
    const { words, code } = asWords(list ? list.of : raw, `slice "${column}"`);
    const place = (at: number) => (code[at]! < 0 ? words.length : code[at]!);
    return {
      names: [...words.map((word) => `${column} = ${word}`), `${column} missing`],
      of(row) {
        if (!list) return [place(row)];
        const own = new Set(code.subarray(list.start[row], list.start[row + 1]));
        return own.size > 0 ? [...own].map((c) => (c < 0 ? words.length : c)) : [words.length];
      },
    };
  },
  quantile(raw, part, { column, buckets }) {
    const values = asNumbers(raw, `slice "${column}"`);
    const edges = quantiles(
      values.filter((_, r) => part[r] === 0),
      buckets,
    );
    const bounds = Float64Array.from(edges);
    const between = edges.map((edge, e) => (e === 0 ? `below ${edge}` : `${edges[e - 1]} to ${edge}`));
    const last = edges.length > 0 ? `from ${edges.at(-1)}` : "any";
    return {
      names: [...between, last, "missing"].map((interval) => `${column} ${interval}`),
      of: (row) => [Number.isNaN(values[row]!) ? edges.length + 1 : below(bounds, values[row]!)],
    };
  },
  popularity(raw, part, { column }) {
    const { code, counts } = countIn(raw, part, column);
    const band = equalShares(counts, fallingOrder(counts), 3);
    return {
      names: [...["head", "mid", "tail"].map((name) => `${column} ${name}`), `${column} missing`],
      of: (row) => [code[row]! < 0 ? 3 : band[code[row]!]!],
    };
  },
  cold(raw, part, { column, few }) {
    const { code, counts } = countIn(raw, part, column);
    const some = few === 2 ? "1 row" : `1 to ${few - 1} rows`;
    return {
      names: [
        `${column} not in train`,
        `${column} with ${some} in train`,
        `${column} with ${few} or more rows in train`,
        `${column} missing`,
      ],
      of(row) {
        if (code[row]! < 0) return [3];
        const count = counts[code[row]!]!;
        return [count === 0 ? 0 : count < few ? 1 : 2];
      },
    };
  },
};

/** How many rows of train have each word. */
function countIn(raw: RawColumn, part: Uint8Array, column: string) {
  const { words, code } = asWords(raw, `slice "${column}"`);
  const counts = new Uint32Array(words.length);
  for (const [r, c] of code.entries()) if (part[r] === 0 && c >= 0) counts[c]!++;
  return { code, counts };
}
