import { defineCase } from "../../case.ts";
import { compressGowalla, teacherNote } from "../../gowalla.ts";

/**
 * One table of items, 86 numbers of 2 bits each, and at most a byte of bias, none of users. Dimensions and epochs were chosen
 * of 4 settings on validation, with a teacher trained without it.
 */
export default defineCase({
  name: "gowalla-20x",
  summary: `Gowalla in a twentieth of the teacher's bytes: ratio ≥ 20, NDCG@20 lost ≤ 1 %, shown by a gate. ${teacherNote}`,
  run: ({ data }) =>
    compressGowalla("gowalla-20x", data("."), {
      ...{ d: 86, levels: 4, epochs: 16 },
      passes: [{ use: "int8-row", tables: ["bias"] }],
      maxDrop: 1,
    }),
});
