import { defineCase } from "../../case.ts";
import { compressGowalla, teacherNote } from "../../gowalla.ts";

/**
 * One table of items, no user: the tenth of the items that is taken most in 64 numbers of 2 bits, all others in 59 of 1
 * bit, and at most 4 bits of bias. Bits, bands and epochs were chosen of 20 settings on validation, with a teacher trained
 * without it.
 */
export default defineCase({
  name: "gowalla-50x",
  summary: `Gowalla in a fiftieth of the teacher's bytes: ratio ≥ 50, NDCG@20 lost ≤ 5 %, shown by a gate. ${teacherNote}`,
  run: ({ data }) =>
    compressGowalla("gowalla-50x", data("."), {
      ...{ d: 59, levels: 2, bands: [{ share: 0.1, levels: 4, d: 64 }], epochs: 24 },
      passes: [{ use: "codebook", tables: ["bias"], clusters: 16 }],
      maxDrop: 5,
    }),
});
