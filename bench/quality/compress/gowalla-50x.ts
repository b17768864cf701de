import { defineCase } from "../../case.ts";
import { compressGowalla, teacherNote } from "../../gowalla.ts";

/** One table of items, 64 numbers of 1 bit each, and half a byte of bias: 8.5 bytes an item, none for a user. */
export default defineCase({
  name: "gowalla-50x",
  summary: `Gowalla in a fiftieth of the teacher's bytes: ratio ≥ 50, NDCG@20 lost ≤ 5 %, shown by a gate. ${teacherNote}`,
  run: ({ data }) =>
    compressGowalla("gowalla-50x", data("."), {
      student: {
        ...{ use: "cosine", d: 64, levels: 2, epochs: 10, negatives: 2048, startPower: 0.1 },
        distill: {
          ...{ topN: 50, alpha: 0.5 },
          terms: [{ use: "soft-label", listed: 50, unlisted: 50, temperature: 1 }],
        },
      },
      passes: [{ use: "int4-row", tables: ["bias"] }],
      maxDrop: 5,
    }),
});
