// Dense layers.

import { float32 } from "../../graph/tensor.ts";
import type { Init, NetworkContext } from "../../kinds/network.ts";
import { constant, xavierNormal, xavierNormalOf } from "./init.ts";

type Layer = Pick<NetworkContext, "g" | "weight">;

/** x W + b for x of [batch, in] or [batch, length, in]. */
export function linear({ g, weight }: Layer, x: string, out: number, name: string, init: Init = xavierNormal): string {
  const width = g.dims(x).at(-1)!;
  const w = weight(`${name}.weight`, [width, out], init);
  const b = weight(`${name}.bias`, [out], constant(0));
  return g.dims(x).length === 2 ? g.gemm(x, w, b) : g.add(g.matmul(x, w), b);
}

export interface MlpOptions {
  readonly dropout?: number;
  /** Between a layer's product and its ReLU. */
  readonly batchNorm?: boolean;
  readonly init?: Init;
}

/** Hidden layers relu(norm(x W + b)) with dropout after each; [batch, last of hidden]. */
export function mlp(
  c: NetworkContext,
  x: string,
  hidden: readonly number[],
  name: string,
  { dropout = 0, batchNorm = false, init = xavierNormal }: MlpOptions = {},
): string {
  return hidden.reduce((h, width, layer) => {
    const product = linear(c, h, width, `${name}.${layer}`, init);
    return c.dropout(c.g.relu(batchNorm ? normalised(c, product, `${name}.${layer}.norm`) : product), dropout);
  }, x);
}

/** (x - mean) / √(variance + 1e-5) · scale + bias by the running statistics, which training moves by a tenth a step. */
function normalised({ g, weight }: Layer, x: string, name: string): string {
  const dims = g.dims(x).slice(1, 2);
  const scale = weight(`${name}.scale`, dims, constant(1));
  const bias = weight(`${name}.bias`, dims, constant(0));
  const mean = g.constant(`${name}.mean`, float32(dims, new Float32Array(dims[0]!)));
  const variance = g.constant(`${name}.variance`, float32(dims, new Float32Array(dims[0]!).fill(1)));
  return g.node("BatchNormalization", [x, scale, bias, mean, variance], {
    epsilon: { float: 1e-5 },
    momentum: { float: 0.9 },
  });
}

/**
 * Σ part · w + b, one logit a row: [batch] for parts of [batch, width]. One layer over all parts side by side, which are
 * not joined, for that would copy them.
 */
export function head({ g, weight }: Layer, parts: readonly string[], name = "head", init?: Init): string {
  const widths = parts.map((part) => g.dims(part)[1]!);
  const start =
    init ??
    xavierNormalOf(
      widths.reduce((a, b) => a + b),
      1,
    );
  const weights = widths.map((width, i) =>
    weight(parts.length > 1 ? `${name}.weight.${i}` : `${name}.weight`, [width, 1], start),
  );
  const first = g.gemm(parts[0]!, weights[0]!, weight(`${name}.bias`, [1], constant(0)));
  return g.squeeze(
    parts.slice(1).reduce((sum, part, i) => g.add(sum, g.matmul(part, weights[i + 1]!)), first),
    1,
  );
}
