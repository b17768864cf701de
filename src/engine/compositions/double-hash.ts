// Double hashing (Zhang et al., RecSys 2020, arXiv 2007.14523, without its table of frequent ids): two ids share a row only
// where both hashes fall together.
//
//     row(i) = T[h1(i)] + T[h2(i)]

import { type Composition, hashed, rowsFor } from "./composition.ts";

export const doubleHash: Composition = {
  name: "double-hash",
  rows({ g, table }, whole, ids, ratio) {
    const size = rowsFor(whole, ratio);
    const rows = table(whole.name, size, whole.d, whole.init);
    return g.add(g.gather(rows, hashed(g, ids, size, 0), 0), g.gather(rows, hashed(g, ids, size, 1), 0));
  },
};
