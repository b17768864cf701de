// The hashing trick (Weinberger et al., ICML 2009, arXiv 0902.2206): ids that fall together share a row.
//
//     row(i) = T[h(i)]

import { type Composition, hashed, rowsFor } from "./composition.ts";

export const hash: Composition = {
  name: "hash",
  rows({ g, table }, whole, ids, ratio) {
    const size = rowsFor(whole, ratio);
    return g.gather(table(whole.name, size, whole.d, whole.init), hashed(g, ids, size, 0), 0);
  },
};
