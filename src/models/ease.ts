// EASE: the closed-form linear item-item model (Steck, WWW 2019, arXiv 1905.03375), on request with the closed form of
// input dropout (Steck, NeurIPS 2020, "Autoencoders that don't overfit towards the Identity"). The strongest simple
// baseline on dense data and a natural teacher; its items × items matrix is what distilling makes small.

import { z } from "zod";
import { UserError } from "../base/errors.ts";
import { gramSparse } from "../kernels/gram.ts";
import { invertSpd } from "../kernels/solve.ts";
import { defineModel } from "../kinds/model.ts";
import { f32Table } from "../tables/table.ts";

const largestCatalogue = 20_000;

export default defineModel({
  name: "ease",
  summary: "Closed-form ridge regression of every item on all others.",
  options: z.strictObject({
    lambda: z.number().positive().max(1e6).default(200).describe("ridge on the item-item Gram matrix"),
    dropout: z
      .number()
      .min(0)
      .max(0.95)
      .default(0)
      .describe("share of each history dropped in training, in closed form"),
  }),
  guided: [],
  // P = (XᵀX + p/(1-p) diag(XᵀX) + λI)⁻¹;   B_ij = -P_ij / P_jj, B_jj = 0;   scores = x B
  async fit(train, { lambda, dropout }, { kernels, progress }) {
    const n = train.items;
    if (n > largestCatalogue) {
      throw new UserError(
        `ease: ${n} items need a ${n} × ${n} matrix; it is built for at most ${largestCatalogue} items. Raise the item k-core or use ials, bpr-mf or lightgcn.`,
      );
    }
    const scope = kernels.scope();
    try {
      const P = scope.f32(n * n);
      const binary = { indptr: scope.copy(train.indptr), indices: scope.copy(train.indices) };
      await gramSparse(kernels, binary, train.users, n, P);
      progress(1, 3, "Gram matrix");
      const ridge = dropout / (1 - dropout);
      for (let i = 0; i < n; i++) P[i * n + i] = (1 + ridge) * P[i * n + i]! + lambda;
      if (!(await invertSpd(kernels, P, n))) {
        throw new UserError(`ease: the Gram matrix with lambda ${lambda} is not positive definite; raise lambda.`);
      }
      progress(2, 3, "inverse");
      const scale = Float32Array.from({ length: n }, (_, j) => -1 / P[j * n + j]!);
      const B = new Float32Array(n * n);
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) B[i * n + j] = i === j ? 0 : P[i * n + j]! * scale[j]!;
      progress(3, 3);
      return { query: "history", pool: "sum", items: n, tables: { history: f32Table(n, n, B) } };
    } finally {
      scope.free();
    }
  },
});
