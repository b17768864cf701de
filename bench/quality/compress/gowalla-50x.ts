import { defineCase } from "../../case.ts";
import { compressGowalla, teacherNote } from "../../gowalla.ts";

/** One table of items, 66 numbers of 1 bit each, and at most 4 bits of bias: 8.75 bytes an item, none for a user. */
export default defineCase({
  name: "gowalla-50x",
  summary: `Gowalla in a fiftieth of the teacher's bytes: ratio ≥ 50, NDCG@20 lost ≤ 5 %, shown by a gate. ${teacherNote}`,
  run: ({ data }) =>
    compressGowalla("gowalla-50x", data("."), {
      ...{ d: 66, levels: 2, epochs: 16 },
      passes: [{ use: "codebook", tables: ["bias"], clusters: 16 }],
      maxDrop: 5,
    }),
});
