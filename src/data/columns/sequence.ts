// A sequence column: a row's list in its order, oldest first; the last `length` elements are kept.

import { z } from "zod";
import { bagFitted, bagOptions, bagRows, checkBag, fitBag } from "./bag.ts";
import { defineColumn } from "./kind.ts";

const kind = z.literal("sequence");
const pad = z.enum(["left", "right"]).default("left").describe("Which side of a short sequence is filled up.");

export const sequence = defineColumn({
  summary: "The last values of a list in order, oldest first: what was clicked before.",
  options: z.strictObject({ kind, ...bagOptions, pad }),
  fitted: z.strictObject({ kind, ...bagFitted, pad }),
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
      pad: fitted.pad,
      encode(raw) {
        const { start, row } = read(raw);
        const ids: number[] = [];
        const to = new Uint32Array(start.length);
        for (let r = 0; r + 1 < start.length; r++) {
          const there = row.subarray(start[r], start[r + 1]).filter((id) => id > 0);
          ids.push(...there.subarray(-length));
          to[r + 1] = ids.length;
        }
        return { start: to, ids: Int32Array.from(ids) };
      },
    };
  },
});
