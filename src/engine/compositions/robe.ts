// Random offset block embedding (Desai et al., MLSys 2022, arXiv 2108.02191): one array for all rows; a row is d / Z
// blocks of Z numbers, each from where its own hash says. Here blocks start at multiples of Z and keep their signs.
//
//     row(i) = A[h(i · d/Z + 0)] ‖ A[h(i · d/Z + 1)] ‖ …

import { type Composition, hashed } from "./composition.ts";

/** Numbers that lie together, so that one memory access fetches them. */
const block = 8;

export const robe: Composition = {
  name: "robe",
  rows({ g, table }, whole, ids, ratio) {
    const { name, rows, d, init } = whole;
    const width = d % block === 0 ? block : 1;
    const pieces = d / width;
    const blocks = Math.max(1, Math.floor((rows * pieces) / ratio));
    const first = g.unsqueeze(g.mul(ids, g.ints(pieces)), -1);
    const each = g.add(first, g.ints(...Array(pieces).keys()));
    const found = g.gather(table(name, blocks, width, init), hashed(g, each, blocks, 0), 0);
    return g.reshape(found, [-1, g.dims(ids)[1]!, d]);
  },
};
