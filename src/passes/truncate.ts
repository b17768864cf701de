// The first k dimensions of users and items alone: (u · v) without its later terms. A model that learned its loss on such
// prefixes, too, has put into them what matters (Matryoshka representations: Kusupati et al., NeurIPS 2022, arXiv
// 2205.13147; `mf` with `nested`).

import { z } from "zod";
import { factorSpace, numbersOf } from "../engine/factor-space.ts";
import { defineSpacePass } from "../kinds/pass.ts";
import { f32Table, type Table } from "../tables/table.ts";

export default defineSpacePass({
  name: "truncate",
  summary: "Keep the first dimensions of users and items and drop the others.",
  options: z.strictObject({
    dimensions: z.int().min(1).max(4096).optional().describe("How many stay; without it half of them."),
  }),
  tolerance({ dimensions }, users, items) {
    // |u · v| of what is dropped is at most |u| |v|; and rounding.
    const longest = ({ rows, cols, tensors }: Table) => {
      const data = tensors["data"] as Float32Array;
      let most = 0;
      for (let r = 0; r < rows; r++) {
        most = Math.max(most, Math.hypot(...data.subarray(r * cols + keptOf(cols, dimensions), (r + 1) * cols)));
      }
      return most;
    };
    return longest(users) * longest(items) * (1 + 1e-6);
  },
  async transform(recommender, { dimensions }) {
    const space = factorSpace(recommender);
    if ("refused" in space) return space;
    const { left, item } = space;
    const kept = keptOf(item.cols, dimensions);
    if (kept >= item.cols) return { refused: `it has ${item.cols} dimensions only` };
    const items = leading(item, kept);
    return space.replace(left === item ? items : leading(left, kept), items);
  },
});

const keptOf = (cols: number, dimensions: number | undefined): number => dimensions ?? Math.ceil(cols / 2);

function leading(table: Table, kept: number): Table {
  const { rows, cols } = table;
  const out = new Float32Array(rows * kept);
  for (let r = 0; r < rows; r++) out.set(numbersOf(table).subarray(r * cols, r * cols + kept), r * kept);
  return f32Table(rows, kept, out);
}
