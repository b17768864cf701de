// Distillation terms over embeddings, as one training graph: the student's rows of a batch and the teacher's come in,
// the rows' gradients go out, and what the terms learn for themselves (projections, experts) lives and ends here.

import type { Rng } from "../../base/rng.ts";
import { type Interactions, transpose } from "../../data/interactions.ts";
import { nearestRows } from "../../data/nearest.ts";
import type { RunTensor, Runtime } from "../../graph/runtime.ts";
import type { EmbeddedSide, EmbeddingLoss } from "../../kinds/embedding-loss.ts";
import type { Term } from "../../kinds/guidance.ts";
import { learningGraph } from "../histories/history-graph.ts";
import { graphOptimizer } from "../optimizers/optimizer.ts";
import { optimizerOptions } from "../optimizers/options.ts";
import type { EmbeddingTable } from "../tables/embedding-table.ts";
import { createTrainer } from "../training/trainer.ts";
import { type NeighbourFilter, neighbourFilter } from "./neighbour-filter.ts";

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
  /** Adds `share` of the gradient of the weighted terms to the student's table; `progress` is how much is done. */
  step(batch: Readonly<Record<"user" | "item", Entities>>, share: number, progress: number): Promise<number>;
  close(): Promise<void>;
}

const sides = ["user", "item"] as const;

/**
 * `student` is read by its row numbers and takes their gradients; its optimiser is its owner's business. A batch has at
 * most `sizes` entities.
 */
export function openEmbeddingTerms(
  terms: readonly Term<EmbeddingLoss>[],
  teacher: TeacherVectors,
  student: EmbeddingTable,
  sizes: Readonly<Record<"user" | "item", number>>,
  { train, runtime, rng, learningRate }: { train: Interactions; runtime: Runtime; rng: Rng; learningRate: number },
): EmbeddingTerms {
  const c = learningGraph("distillation", rng.fork("start"));
  const { g } = c;
  const noise: { name: string; side: "user" | "item"; width: number }[] = [];
  const filters: { side: "user" | "item"; filter: NeighbourFilter }[] = [];
  const wantsPresent = new Set<string>();
  const table = () => c.table("student", [student.rows, student.width], () => new Float32Array(0));
  const sideOf = (side: "user" | "item"): EmbeddedSide => {
    const n = sizes[side];
    return {
      student: g.gather(table(), g.input(`${side}.rows`, "int32", [n]), 0),
      teacher: g.input(`${side}.teacher`, "float32", [n, teacher.width]),
      weight: g.input(`${side}.weight`, "float32", [n]),
      get present() {
        if (!wantsPresent.has(side)) g.input(`${side}.present`, "float32", [n, student.width]);
        wantsPresent.add(side);
        return `${side}.present`;
      },
    };
  };
  const both = { user: sideOf("user"), item: sideOf("item") };
  const [progress, share] = [g.input("progress", "float32", []), g.input("share", "float32", [])];
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
        filtered(side, options) {
          const name = `filter.${filters.length}`;
          const nearest = nearestRows(side === "user" ? train : transpose(train), options.neighbours);
          const filter = neighbourFilter(
            ...([g, name, { own: both[side].student, rows: table(), nearest }] as const),
            ...([{ vectors: teacher[side], width: teacher.width }, options, rng.fork(name)] as const),
          );
          filters.push({ side, filter });
          return filter;
        },
      },
      both,
      options,
    );
    return g.mul(value, g.mul(share, g.scalar(weight)));
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
  // Filled anew in each step: room of this size is costly to get.
  const room = (side: "user" | "item") => {
    const n = sizes[side];
    return {
      rows: new Int32Array(n),
      teacher: new Float32Array(n * teacher.width),
      present: new Float32Array(n * student.width),
      weight: new Float32Array(n),
    };
  };
  const rooms = { user: room("user"), item: room("item") };
  const noises = noise.map(({ side, width }) => new Float32Array(sizes[side] * width));
  const met = new Int32Array(student.rows).fill(-1);
  let steps = 0;
  return {
    async step(batch, part, done) {
      const feeds: Record<string, RunTensor> = {
        progress: { dtype: "float32", dims: [], data: Float32Array.of(done) },
        share: { dtype: "float32", dims: [], data: Float32Array.of(part) },
      };
      for (const side of sides) {
        const { student: rows, teacher: ids } = batch[side];
        const { rows: at, teacher: vectors, present, weight } = rooms[side];
        const n = sizes[side];
        at.fill(0, rows.length);
        at.set(rows);
        weight.fill(0);
        for (let r = 0; r < rows.length; r++) {
          if (met[rows[r]!] === steps) continue;
          met[rows[r]!] = steps;
          weight[r] = 1;
          const from = ids[r]! * teacher.width;
          vectors.set(teacher[side].subarray(from, from + teacher.width), r * teacher.width);
        }
        if (wantsPresent.has(side)) await student.gather(at, present);
        feeds[`${side}.rows`] = { dtype: "int32", dims: [n], data: at };
        feeds[`${side}.present`] = { dtype: "float32", dims: [n, student.width], data: present };
        feeds[`${side}.teacher`] = { dtype: "float32", dims: [n, teacher.width], data: vectors };
        feeds[`${side}.weight`] = { dtype: "float32", dims: [n], data: weight };
      }
      noise.forEach(({ name, side, width }, i) => {
        const data = noises[i]!;
        for (let x = 0; x < data.length; x++) data[x] = gumbel();
        feeds[name] = { dtype: "float32", dims: [sizes[side], width], data };
      });
      for (const { side, filter } of filters) Object.assign(feeds, filter.feeds(batch[side]));
      steps++;
      return trainer.step(feeds);
    },
    close: () => trainer.close(),
  };
}
