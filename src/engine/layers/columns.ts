// A row's columns as vectors, and what is made of them before any hidden layer.

import { bug } from "../../base/errors.ts";
import type { NetworkContext } from "../../kinds/network.ts";
import { nearZero } from "./init.ts";

/** How many vectors `columnVectors` gives. */
export const vectorCount = ({ columns, inputs }: NetworkContext): number => columns + inputs.numeric;

/**
 * One vector a column, numeric ones too: [batch, columns + numeric, d]. A numeric column of value x gives x · v, of which
 * an id's row is the case x = 1 (Rendle, ICDM 2010).
 */
export function columnVectors(c: NetworkContext, d: number): string {
  const { g, numeric, inputs, weight } = c;
  const parts = c.columns > 0 ? [c.embed(d, "embedding", nearZero)] : [];
  if (numeric !== undefined) {
    parts.push(g.mul(g.unsqueeze(numeric, 2), weight("embedding.numeric", [inputs.numeric, d], nearZero)));
  }
  return g.concat(parts, 1);
}

/** [batch, n, d] as [batch, n · d]. */
export function flat({ g }: Pick<NetworkContext, "g">, x: string): string {
  const [, n, d] = g.dims(x);
  return g.reshape(x, [0, n! * d!]);
}

/** The embeddings of a row and its numeric columns side by side: [batch, columns · d + numeric]. */
export function flatColumns(c: NetworkContext, d: number): string {
  const parts = c.columns > 0 ? [flat(c, c.embed(d, "embedding", nearZero))] : [];
  return c.g.concat(c.numeric === undefined ? parts : [...parts, c.numeric], 1);
}

/** Σ w[id] + numeric · w, without a bias: [batch]. */
export function linearTerm(c: NetworkContext): string {
  const { g, numeric, inputs, weight } = c;
  const parts = c.columns > 0 ? [g.sum(c.embed(1, "linear", nearZero), [1, 2])] : [];
  if (numeric !== undefined) {
    parts.push(g.squeeze(g.matmul(numeric, weight("linear.numeric", [inputs.numeric, 1], nearZero)), 1));
  }
  return parts.length > 0 ? parts.reduce((a, b) => g.add(a, b)) : bug("a network without columns");
}

// Σ_{i<j} <e_i, e_j> = ½ (‖Σ e_i‖² - Σ ‖e_i‖²): linear in the number of vectors (Rendle, ICDM 2010, lemma 3.1).
/** The sum of the dot products of all pairs of vectors: [batch] for [batch, n, d]. */
export function pairwiseSum({ g }: Pick<NetworkContext, "g">, vectors: string): string {
  const ofSum = g.sum(g.square(g.sum(vectors, [1])), [1]);
  const ofEach = g.sum(g.square(vectors), [1, 2]);
  return g.mul(g.sub(ofSum, ofEach), g.scalar(0.5));
}
