// A multi-hot column: the distinct values of a row's list, without order.

import { z } from "zod";
import { bagFitted, bagOptions, bagRows, checkBag, fitBag } from "./bag.ts";
import { defineColumn } from "./kind.ts";

const kind = z.literal("tags");

export const tags = defineColumn({
  summary: "The distinct values of a list, pooled: genres, keywords.",
  options: z.strictObject({ kind, ...bagOptions }),
  fitted: z.strictObject({ kind, ...bagFitted }),
  fit: fitBag,
  encoder(fitted, where) {
    checkBag(fitted, where);
    const { rows, read } = bagRows(fitted, where);
    const { length, pool } = fitted;
    return {
      shape: "bag",
      rows,
      length,
      pool,
      pad: "right",
      encode(raw) {
        const { start, row } = read(raw);
        const ids: number[] = [];
        const to = new Uint32Array(start.length);
        for (let r = 0; r + 1 < start.length; r++) {
          const distinct = new Set(row.subarray(start[r], start[r + 1]));
          distinct.delete(0);
          for (const id of distinct) if (ids.length - to[r]! < length) ids.push(id);
          to[r + 1] = ids.length;
        }
        return { start: to, ids: Int32Array.from(ids) };
      },
    };
  },
});
