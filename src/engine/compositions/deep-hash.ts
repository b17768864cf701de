// Deep hash embedding (Kang et al., KDD 2021, arXiv 2010.10784): no table. k hashes of the id, as numbers in [-1, 1], go
// through two layers.
//
//     row(i) = relu(x W1 + b1) W2 + b2,   x_k = 2 h_k(i) / (m - 1) - 1

import { float32 } from "../../graph/tensor.ts";
import { constant, xavierUniform } from "../layers/init.ts";
import { type Composition, hashed } from "./composition.ts";

/** m: values that a hash can take. */
const buckets = 2 ** 20;
const mostHashes = 1024;

export const deepHash: Composition = {
  name: "deep-hash",
  rows({ g, weight }, { name, rows, d, init }, ids, ratio) {
    const { hashes, hidden } = sizesFor((rows * d) / ratio, d);
    const bucket = hashed(g, g.unsqueeze(ids, -1), buckets, ...Array(hashes).keys());
    const scale = g.constant("scale", float32([], Float32Array.of(2 / (buckets - 1))));
    const x = g.sub(g.mul(g.cast(bucket, "float32"), scale), g.scalar(1));
    const first = g.add(
      g.matmul(x, weight(`${name}.hidden`, [hashes, hidden], xavierUniform)),
      weight(`${name}.hidden.bias`, [hidden], constant(0)),
    );
    const second = g.matmul(g.relu(first), weight(`${name}.out`, [hidden, d], init));
    return g.add(second, weight(`${name}.out.bias`, [d], constant(0)));
  },
};

/** As many hashes as hidden numbers, within the budget: k² + k + k·d + d. */
function sizesFor(budget: number, d: number): { hashes: number; hidden: number } {
  const size = Math.max(1, Math.floor((-(d + 1) + Math.sqrt((d + 1) ** 2 + 4 * Math.max(0, budget - d))) / 2));
  const hashes = Math.min(size, mostHashes);
  return { hashes, hidden: Math.max(1, Math.floor((budget - d) / (hashes + d + 1))) };
}
