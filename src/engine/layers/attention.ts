// Self-attention that looks back only, and the Transformer block around it.

import type { NetworkContext } from "../../kinds/network.ts";
import type { SequenceContext } from "../sequences/sequence-model.ts";
import { constant } from "./init.ts";
import { linear } from "./mlp.ts";

type Context = Pick<NetworkContext, "g" | "weight" | "dropout">;

/** Far below any score, and still finite when two of them meet. */
const FORBIDDEN = -1e9;

/** What is added to attention scores [batch, length, length]: 0 from a place to itself and to the places before it that hold a row. */
export function causalBias({ g, mask, length, places }: SequenceContext): string {
  const later = new Float32Array(length * length);
  for (let i = 0; i < length; i++) later.fill(FORBIDDEN, i * length + i + 1, (i + 1) * length);
  const whole = g.float("causal", [length, length], later);
  const corner = g.node("Slice", [whole, g.ints(0, 0), g.concat([places, places], 0), g.ints(0, 1)]);
  const absent = g.mul(g.sub(g.scalar(1), mask), g.scalar(FORBIDDEN));
  return g.add(g.unsqueeze(corner, 0), g.unsqueeze(absent, 1));
}

/** x + dropout(attention(norm x)), then h + dropout(feed-forward(norm h)) (SASRec, arXiv 1808.09781, section 3.2). */
export function transformerBlock(
  c: Context,
  x: string,
  bias: string,
  { heads, dropout, name }: { heads: number; dropout: number; name: string },
): string {
  const { g } = c;
  const h = g.add(
    x,
    c.dropout(attention(c, layerNorm(c, x, `${name}.norm1`), bias, heads, `${name}.attention`), dropout),
  );
  const normed = layerNorm(c, h, `${name}.norm2`);
  const inner = c.dropout(g.relu(linear(c, normed, g.dims(x)[2]!, `${name}.inner`)), dropout);
  return g.add(h, c.dropout(linear(c, inner, g.dims(x)[2]!, `${name}.outer`), dropout));
}

export function layerNorm({ g, weight }: Pick<Context, "g" | "weight">, x: string, name: string): string {
  const dims = [g.dims(x).at(-1)!];
  return g.layerNorm(x, weight(`${name}.scale`, dims, constant(1)), weight(`${name}.bias`, dims, constant(0)), {
    axis: -1,
    epsilon: 1e-8,
  });
}

// softmax(Q Kᵀ / √(d/heads) + bias) V, the heads side by side
function attention(c: Context, x: string, bias: string, heads: number, name: string): string {
  const { g } = c;
  const d = g.dims(x)[2]!;
  const project = (part: string) => linear(c, x, d, `${name}.${part}`);
  const [q, k, v] = [project("query"), project("key"), project("value")];
  const scale = g.scalar(1 / Math.sqrt(d / heads));
  if (heads === 1) {
    const scores = g.add(g.mul(g.matmul(q, g.transpose(k, [0, 2, 1])), scale), bias);
    return linear(c, g.matmul(g.softmax(scores), v), d, `${name}.output`);
  }
  const apart = (y: string, perm: readonly number[]) => g.transpose(g.reshape(y, [0, 0, heads, d / heads]), perm);
  const products = g.matmul(apart(q, [0, 2, 1, 3]), apart(k, [0, 2, 3, 1]));
  const scores = g.add(g.mul(products, scale), g.unsqueeze(bias, 1));
  const mixed = g.matmul(g.softmax(scores), apart(v, [0, 2, 1, 3]));
  return linear(c, g.reshape(g.transpose(mixed, [0, 2, 1, 3]), [0, 0, d]), d, `${name}.output`);
}
