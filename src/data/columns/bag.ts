// What tags and sequences share: a list of values a row, by vocabulary or by hash. Row 0 of the table is padding; 1 is
// unknown where there is a vocabulary.

import { z } from "zod";
import { UserError } from "../../base/errors.ts";
import { asLists, asWords, type RawColumn, type Words } from "../raw-table.ts";
import { buckets, type Encoder, seed, separator, source } from "./kind.ts";
import { frequent, hashRows, minCount, vocabularyRows, words } from "./vocabulary.ts";

const length = z.number().int().min(1).max(10_000);
const pool = z.enum(["mean", "sum"]).default("mean").describe("How the elements' embeddings become one.");
const hashed = z.strictObject({ buckets, seed: seed.default(0) });

export const bagOptions = {
  ...source,
  separator,
  length: length.default(20).describe("At most this many elements a row."),
  pool,
  minCount,
  hash: hashed.optional().describe("Rows by hash instead of a vocabulary."),
};
export const bagFitted = { ...source, separator, length, pool, words: words.optional(), hash: hashed.optional() };

type Options = z.output<z.ZodObject<typeof bagOptions>>;
type Fitted = z.output<z.ZodObject<typeof bagFitted>>;
type BagEncoder = Extract<Encoder, { shape: "bag" }>;

export function fitBag<O extends Options>(raw: RawColumn, options: O, where: string): Omit<O, "minCount"> & Fitted {
  const { minCount: least, ...rest } = options;
  if (rest.hash) return rest;
  const { words: values, code } = elements(raw, rest.separator, where).of;
  return { ...rest, words: frequent(values, code, least) };
}

/** The encoder that keeps of each list what `pick` does, `length` row numbers at most; 0 stands for an empty value. */
export function bagEncoder(
  fitted: Fitted,
  pad: BagEncoder["pad"],
  where: string,
  pick: (rows: Int32Array, length: number) => Iterable<number>,
): BagEncoder {
  checkBag(fitted, where);
  const { words: list, hash, separator: cut, length, pool } = fitted;
  const { rows, rowOf } = hash ? hashRows(hash.buckets, hash.seed) : vocabularyRows(list ?? []);
  return {
    ...{ shape: "bag", rows, length, pool, pad },
    encode(raw) {
      const { start, of } = elements(raw, cut, where);
      const rowOfCode = Int32Array.from(of.words, rowOf);
      const all = of.code.map((c) => (c < 0 ? 0 : rowOfCode[c]!));
      const ids: number[] = [];
      const to = new Uint32Array(start.length);
      for (let r = 0; r + 1 < start.length; r++) {
        for (const id of pick(all.subarray(start[r], start[r + 1]), length)) ids.push(id);
        to[r + 1] = ids.length;
      }
      return { start: to, ids: Int32Array.from(ids) };
    },
  };
}

function elements(raw: RawColumn, cut: string, where: string): { start: Uint32Array; of: Words } {
  const { start, of } = asLists(raw, cut);
  return { start, of: asWords(of, where) };
}

/** What the artifact says must name a vocabulary or a hash. */
function checkBag({ words: list, hash }: Fitted, where: string): void {
  if ((list === undefined) === (hash === undefined)) {
    throw new UserError(
      `${where}: has ${list ? "a vocabulary and a hash" : "no vocabulary and no hash"}; it needs one.`,
    );
  }
}
