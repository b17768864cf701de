// Distillation terms over embeddings, as one training graph: the student's rows of a batch and the teacher's come in,
// the rows' gradients go out, and what the terms learn for themselves (projections, experts) lives and ends here.

import type { Rng } from "../../base/rng.ts";
import type { RunTensor, Runtime } from "../../graph/runtime.ts";
import type { EmbeddedSide, EmbeddingLoss } from "../../kinds/embedding-loss.ts";
import type { Term } from "../../kinds/guidance.ts";
import { learningGraph } from "../histories/history-graph.ts";
import { graphOptimizer } from "../optimizers/optimizer.ts";
import { optimizerOptions } from "../optimizers/options.ts";
import type { EmbeddingTable } from "../tables/embedding-table.ts";
import { createTrainer } from "../training/trainer.ts";

/** A teacher's vectors, n × width each. */
export interface TeacherVectors {
  readonly width: number;
  readonly user: Float32Array;
  readonly item: Float32Array;
}

/** The entities of a batch: row numbers of the student's table and of the teacher's, repeats allowed. */
export interface Entities {
  readonly student: Int32Array;
  readonly teacher: Int32Array;
}

export interface EmbeddingTerms {
  /** Adds the gradient of the weighted terms to the student's table; `progress` is the share of the training done. */
  step(batch: Readonly<Record<"user" | "item", Entities>>, progress: number): Promise<number>;
  close(): Promise<void>;
}

const sides = ["user", "item"] as const;

/**
 * `student` is read by its row numbers and takes their gradients; its optimiser is its owner's business. A batch has at
 * most `sizes` entities.
 */
export function openEmbeddingTerms(
  terms: readonly Term<EmbeddingLoss>[],
  alpha: number,
  teacher: TeacherVectors,
  student: EmbeddingTable,
  sizes: Readonly<Record<"user" | "item", number>>,
  { runtime, rng, learningRate }: { runtime: Runtime; rng: Rng; learningRate: number },
): EmbeddingTerms {
  const c = learningGraph("distillation", rng.fork("start"));
  const { g } = c;
  const noise: { name: string; side: "user" | "item"; width: number }[] = [];
  const sideOf = (side: "user" | "item"): EmbeddedSide => {
    const n = sizes[side];
    const rows = c.table("student", [student.rows, student.width], () => new Float32Array(0));
    return {
      student: g.gather(rows, g.input(`${side}.rows`, "int64", [n]), 0),
      teacher: g.input(`${side}.teacher`, "float32", [n, teacher.width]),
      present: g.input(`${side}.present`, "float32", [n, student.width]),
      weight: g.input(`${side}.weight`, "float32", [n]),
    };
  };
  const both = { user: sideOf("user"), item: sideOf("item") };
  const progress = g.input("progress", "float32", []);
  const losses = terms.map(({ loss, options, weight }, t) => {
    const value = loss.build(
      {
        ...{ g, progress },
        weight: (name, dims, init) => c.weight(`${t}.${name}`, dims, init),
        gumbel(side, width) {
          const name = `noise.${noise.length}`;
          noise.push({ name, side, width });
          return g.input(name, "float32", [sizes[side], width]);
        },
      },
      both,
      options,
    );
    return g.mul(value, g.scalar(alpha * weight));
  });
  g.output(
    losses.reduce((sum, value) => g.add(sum, value)),
    "value",
    [],
  );
  const trainer = createTrainer({
    ...{ model: c.model(), runtime, tables: { student }, accumulate: 1, rng: rng.fork("trainer") },
    objective: (_, { value }) => value!,
    optimizer: graphOptimizer(optimizerOptions.parse({ use: "adam" })),
    learningRate: () => learningRate,
  });
  const draws = rng.fork("noise");
  const gumbel = () => -Math.log(-Math.log(Math.max(1e-20, draws.uniform())));
  return {
    async step(batch, done) {
      const feeds: Record<string, RunTensor> = {
        progress: { dtype: "float32", dims: [], data: Float32Array.of(done) },
      };
      for (const side of sides) {
        const { student: rows, teacher: ids } = batch[side];
        const n = sizes[side];
        const seen = new Set<number>();
        const at = new BigInt64Array(n);
        const [vectors, present] = [new Float32Array(n * teacher.width), new Float32Array(n * student.width)];
        const weight = new Float32Array(n);
        for (let r = 0; r < rows.length; r++) {
          const from = ids[r]! * teacher.width;
          vectors.set(teacher[side].subarray(from, from + teacher.width), r * teacher.width);
          at[r] = BigInt(rows[r]!);
          if (!seen.has(rows[r]!)) weight[r] = 1;
          seen.add(rows[r]!);
        }
        await student.gather(at, present);
        feeds[`${side}.rows`] = { dtype: "int64", dims: [n], data: at };
        feeds[`${side}.present`] = { dtype: "float32", dims: [n, student.width], data: present };
        feeds[`${side}.teacher`] = { dtype: "float32", dims: [n, teacher.width], data: vectors };
        feeds[`${side}.weight`] = { dtype: "float32", dims: [n], data: weight };
      }
      for (const { name, side, width } of noise) {
        const n = sizes[side];
        feeds[name] = { dtype: "float32", dims: [n, width], data: Float32Array.from({ length: n * width }, gumbel) };
      }
      return trainer.step(feeds);
    },
    close: () => trainer.close(),
  };
}
