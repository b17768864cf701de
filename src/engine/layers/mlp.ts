// Dense layers.

import type { NetworkContext } from "../../kinds/network.ts";
import { constant, xavierUniform } from "./init.ts";

/** x W + b for x of [batch, in] or [batch, length, in]. */
export function linear(
  { g, weight }: Pick<NetworkContext, "g" | "weight">,
  x: string,
  out: number,
  name: string,
): string {
  const width = g.dims(x).at(-1)!;
  const w = weight(`${name}.weight`, [width, out], xavierUniform);
  const b = weight(`${name}.bias`, [out], constant(0));
  return g.dims(x).length === 2 ? g.gemm(x, w, b) : g.add(g.matmul(x, w), b);
}

/** Hidden layers with ReLU and dropout; [batch, last of hidden]. */
export function mlp(c: NetworkContext, x: string, hidden: readonly number[], name: string, dropout = 0): string {
  return hidden.reduce((h, width, layer) => c.dropout(c.g.relu(linear(c, h, width, `${name}.${layer}`)), dropout), x);
}
