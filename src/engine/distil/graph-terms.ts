// Distillation terms over embeddings, as one training graph: the student's rows of a batch and the teacher's come in,
// the rows' gradients go out, and what the terms learn for themselves (projections) lives and ends here.

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
import type { TeacherVectors } from "./teacher-vectors.ts";

/** A loss that is a piece of a graph. */
export type DrawnLoss = Extract<EmbeddingLoss, { open?: never }>;

export interface GraphTerms {
  /** Adds `share` of the gradient of the weighted terms over `entities`, nodes of which none comes twice. */
  step(entities: Readonly<Record<"user" | "item", Int32Array>>, share: number): Promise<number>;
  close(): Promise<void>;
}

const sides = ["user", "item"] as const;

/** A batch has at most `most` entities. */
export function openGraphTerms(
  terms: readonly Term<DrawnLoss>[],
  teacher: TeacherVectors,
  student: EmbeddingTable,
  most: Readonly<Record<"user" | "item", number>>,
  { train, runtime, rng, learningRate }: { train: Interactions; runtime: Runtime; rng: Rng; learningRate: number },
): GraphTerms {
  const c = learningGraph("distillation", rng.fork("start"));
  const { g } = c;
  const filters: { side: "user" | "item"; filter: NeighbourFilter }[] = [];
  const table = () => c.table("student", [student.rows, student.width], () => new Float32Array(0));
  const sideOf = (side: "user" | "item"): EmbeddedSide => {
    const n = most[side];
    return {
      student: g.gather(table(), g.input(`${side}.rows`, "int32", [n]), 0),
      teacher: g.input(`${side}.teacher`, "float32", [n, teacher.width]),
      weight: g.input(`${side}.weight`, "float32", [n]),
    };
  };
  const both = { user: sideOf("user"), item: sideOf("item") };
  const share = g.input("share", "float32", []);
  const losses = terms.map(({ loss, options, weight }, t) => {
    const value = loss.build(
      {
        g,
        weight: (name, dims, init) => c.weight(`${t}.${name}`, dims, init),
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
  // Filled anew in each step: room of this size is costly to get.
  const room = (side: "user" | "item") => {
    const n = most[side];
    return { rows: new Int32Array(n), teacher: new Float32Array(n * teacher.width), weight: new Float32Array(n) };
  };
  const rooms = { user: room("user"), item: room("item") };
  return {
    step(entities, part) {
      const feeds: Record<string, RunTensor> = {
        share: { dtype: "float32", dims: [], data: Float32Array.of(part) },
      };
      const ids = { user: entities.user, item: entities.item.map((node) => node - train.users) };
      for (const side of sides) {
        const { rows, teacher: vectors, weight } = rooms[side];
        const [n, count] = [most[side], ids[side].length];
        rows.fill(0, count).set(entities[side]);
        weight.fill(0, count).fill(1, 0, count);
        ids[side].forEach((id, r) => {
          vectors.set(teacher[side].subarray(id * teacher.width, (id + 1) * teacher.width), r * teacher.width);
        });
        feeds[`${side}.rows`] = { dtype: "int32", dims: [n], data: rows };
        feeds[`${side}.teacher`] = { dtype: "float32", dims: [n, teacher.width], data: vectors };
        feeds[`${side}.weight`] = { dtype: "float32", dims: [n], data: weight };
      }
      for (const { side, filter } of filters) {
        Object.assign(feeds, filter.feeds({ student: entities[side], teacher: ids[side] }));
      }
      return trainer.step(feeds);
    },
    close: () => trainer.close(),
  };
}
