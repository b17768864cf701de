import { defineCase } from "../../case.ts";
import { compressGowalla, teacherNote } from "../../gowalla.ts";

/** One table of items, 80 numbers of 2 bits each, and a byte of bias: 21 bytes an item, none for a user. */
export default defineCase({
  name: "gowalla-20x",
  summary: `Gowalla in a twentieth of the teacher's bytes: ratio ≥ 20, NDCG@20 lost ≤ 1 %, shown by a gate. ${teacherNote}`,
  run: ({ data }) =>
    compressGowalla("gowalla-20x", data("."), {
      ...{ d: 80, levels: 4, epochs: 8 },
      passes: [{ use: "int8-row", tables: ["bias"] }],
      maxDrop: 1,
    }),
});
