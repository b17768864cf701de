// The cross layers of DCN-V2 (arXiv 2008.13535).

import type { NetworkContext } from "../../kinds/network.ts";
import { constant, xavierNormal, xavierNormalOf } from "./init.ts";
import { linear } from "./mlp.ts";

// x_{l+1} = x_0 ⊙ (W x_l + b) + x_l
/** `count` layers of full rank; [batch, width] to [batch, width]. */
export function crossLayers(c: NetworkContext, x0: string, count: number): string {
  let x = x0;
  for (let layer = 0; layer < count; layer++) {
    x = c.g.add(c.g.mul(x0, linear(c, x, c.g.dims(x0)[1]!, `cross.${layer}`)), x);
  }
  return x;
}

// x_{l+1} = x_0 ⊙ (Σ_k softmax(G x_l)_k · U_k tanh(C_k tanh(V_kᵀ x_l)) + b) + x_l;   G is shared by all layers
/**
 * `count` layers of `experts` matrices of `rank` each; [batch, width] to [batch, width]. All V_k are one product and all
 * U_k are another, which also adds the experts up.
 */
export function mixedCrossLayers(c: NetworkContext, x0: string, count: number, rank: number, experts: number): string {
  const { g, weight } = c;
  const width = g.dims(x0)[1]!;
  const both = experts * rank;
  const projection = xavierNormalOf(width, rank);
  const gate = weight("cross.gate", [width, experts], xavierNormalOf(width, 1));
  let x = x0;
  for (let layer = 0; layer < count; layer++) {
    const name = `cross.${layer}`;
    const into = g.tanh(g.matmul(x, weight(`${name}.v`, [width, both], projection)));
    const byExpert = g.transpose(g.reshape(into, [0, experts, rank]), [1, 0, 2]);
    const inside = g.tanh(g.matmul(byExpert, weight(`${name}.c`, [experts, rank, rank], xavierNormal)));
    const shares = g.unsqueeze(g.softmax(g.matmul(x, gate)), 2);
    const mixed = g.reshape(g.mul(g.transpose(inside, [1, 0, 2]), shares), [0, both]);
    const u = weight(`${name}.u`, [both, width], projection);
    const crossed = g.gemm(mixed, u, weight(`${name}.bias`, [width], constant(0)));
    x = g.add(g.mul(x0, crossed), x);
  }
  return x;
}
