// Distillation terms over embeddings for a factor model: those that are kernels, one after the other, and those that
// are pieces of a graph, as one.

import type { Rng } from "../../base/rng.ts";
import type { Interactions } from "../../data/interactions.ts";
import type { Runtime } from "../../graph/runtime.ts";
import type { Kernels } from "../../kernels/kernels.ts";
import type { Scope } from "../../kernels/memory.ts";
import type { EmbeddingLoss } from "../../kinds/embedding-loss.ts";
import type { Term } from "../../kinds/guidance.ts";
import type { FactorTable } from "./factor-table.ts";
import { type DrawnLoss, openGraphTerms } from "./graph-terms.ts";
import type { TeacherVectors } from "./teacher-vectors.ts";

export interface EmbeddingTerms {
  /**
   * Adds `share` of the gradient of the weighted terms to the student's table. A batch holds nodes, which are rows of that
   * table; repeats count once. `progress` is how much of the training is done.
   */
  step(batch: Readonly<Record<"user" | "item", Int32Array>>, share: number, progress: number): Promise<number>;
  close(): Promise<void>;
}

export interface EmbeddingTermsOptions {
  readonly train: Interactions;
  readonly kernels: Kernels;
  readonly scope: Scope;
  readonly runtime: Runtime;
  readonly rng: Rng;
  readonly learningRate: number;
  /** L2 on what kernels' terms learn. */
  readonly decay: number;
}

/** The student's optimiser is its owner's business. A batch has at most `most` entities. */
export function openEmbeddingTerms(
  terms: readonly Term<EmbeddingLoss>[],
  teacher: TeacherVectors,
  student: FactorTable,
  most: Readonly<Record<"user" | "item", number>>,
  { train, kernels, scope, runtime, rng, learningRate, decay }: EmbeddingTermsOptions,
): EmbeddingTerms {
  const { width } = teacher;
  const nodes = train.users + train.items;
  const rows = scope.f32(nodes * width);
  rows.set(teacher.user);
  rows.set(teacher.item, train.users * width);
  const placed = {
    ...{ table: student.rows, gradient: student.gradient, d: student.rows.length / nodes },
    ...{ teacher: rows, width },
  };
  const steps = terms.flatMap(({ loss, options, weight }, t) => {
    if (!loss.open) return [];
    const context = { kernels, scope, placed, most, rng: rng.fork(`term ${t}`), learningRate, decay };
    return [{ step: loss.open(context, options), weight }];
  });
  const drawn = terms.filter((term): term is Term<DrawnLoss> => term.loss.build !== undefined);
  const graph =
    drawn.length > 0
      ? openGraphTerms(drawn, teacher, student.borrowed(), most, { train, runtime, rng, learningRate })
      : undefined;
  const room = { user: scope.i32(most.user), item: scope.i32(most.item) };
  const met = new Int32Array(nodes).fill(-1);
  let taken = 0;
  const unique = (from: Int32Array, into: Int32Array) => {
    let n = 0;
    for (const node of from) {
      if (met[node] === taken) continue;
      met[node] = taken;
      into[n++] = node;
    }
    return into.subarray(0, n);
  };
  return {
    async step(batch, share, progress) {
      const entities = { user: unique(batch.user, room.user), item: unique(batch.item, room.item) };
      taken++;
      let loss = 0;
      for (const { step, weight } of steps) loss += await step(entities, share * weight, progress);
      if (graph) loss += await graph.step(entities, share);
      return loss;
    },
    close: async () => graph?.close(),
  };
}
