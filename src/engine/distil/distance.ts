// How far entities lie from where their teacher puts them.

import type { EmbeddedSide, EmbeddingContext } from "../../kinds/embedding-loss.ts";

/** Σ_n weight_n ‖teacher_n - projected_n‖². */
export const distance = (c: EmbeddingContext, { teacher, weight }: EmbeddedSide, projected: string): string =>
  c.g.sum(c.g.mul(c.g.sum(c.g.square(c.g.sub(teacher, projected)), [1]), weight), []);
