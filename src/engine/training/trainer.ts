// Trains a model step by step: gathers table rows, runs the step's graph, keeps its state, updates the tables.

import { must } from "../../base/errors.ts";
import { mapValues } from "../../base/map-values.ts";
import type { Rng } from "../../base/rng.ts";
import type { Graph } from "../../graph/graph.ts";
import type { RunTensor, Runtime, Session } from "../../graph/runtime.ts";
import { elements } from "../../graph/tensor.ts";
import { encodeOnnx } from "../../onnx/encode.ts";
import { clipFactor } from "../optimizers/clip.ts";
import type { EmbeddingTable, Ids, TableState } from "../tables/embedding-table.ts";
import { diverged } from "./divergence.ts";
import { fillDropoutMask } from "./dropout-mask.ts";
import type { Model } from "./model.ts";
import { forwardGraph, type StepGraph, type TrainingPlan, trainingGraph } from "./training-graph.ts";

export type Feeds = Readonly<Record<string, RunTensor>>;

export interface TrainerOptions extends TrainingPlan {
  /** By table name. */
  readonly tables: Readonly<Record<string, EmbeddingTable>>;
  /** The step size at update `step`, from 0. */
  readonly learningRate: (step: number) => number;
  /** That of the tables, where theirs is another. */
  readonly tablesLearningRate?: (step: number) => number;
  /** Largest norm of a table's gradient; the weights in the graph are clipped there, together. */
  readonly clipNorm?: number;
  readonly runtime: Runtime;
  readonly rng: Rng;
}

/** Everything that a resumed training needs, in plain arrays. */
export interface Checkpoint {
  /** Batches and updates taken. */
  readonly batches: number;
  readonly updates: number;
  /** Weights, optimiser state and moving statistics by name. */
  readonly graph: Readonly<Record<string, Float32Array>>;
  readonly tables: Readonly<Record<string, TableState>>;
}

export interface Trainer {
  /** One batch: forward, backward, and every `accumulate` batches an update. Returns the loss before it. */
  step(feeds: Feeds): Promise<number>;
  /** The model's outputs by the present weights, nothing dropped. */
  predict(feeds: Feeds): Promise<Record<string, RunTensor>>;
  /** Edits the present numbers of a weight in the graph, between two steps. */
  change(weight: string, edit: (data: Float32Array) => void): void;
  /** Updates taken so far. */
  updates(): number;
  /** The model with the present weights and tables, copied. */
  model(): Model;
  /** A copy of the present state; restore takes it up again, to the same bits. */
  checkpoint(): Checkpoint;
  restore(checkpoint: Checkpoint): void;
  close(): Promise<void>;
}

type Kind = "predict" | "collect" | "update";

/** A graph ready to run, with the buffers that its size needs. */
interface Prepared {
  readonly step: StepGraph;
  readonly session: Session;
  readonly ids: Session | undefined;
  readonly rows: Readonly<Record<string, RunTensor>>;
  readonly gradients: Readonly<Record<string, RunTensor>>;
  readonly masks: Readonly<Record<string, RunTensor>>;
}

export function createTrainer(options: TrainerOptions): Trainer {
  const { model, tables, optimizer, accumulate, learningRate, clipNorm, runtime } = options;
  const { tablesLearningRate = learningRate } = options;
  const dropout = options.rng.fork("dropout");
  const open = new Map<string, Promise<Prepared>>();
  let present = new Map<string, Float32Array<ArrayBuffer>>();
  const spare = new Map<string, Float32Array<ArrayBuffer>>();
  let [batches, updates] = [0, 0];

  /** The present numbers of a state; what no step has written starts from the model, or as the optimiser says. */
  const stateOf = (name: string, n: number, averaged = false): Float32Array<ArrayBuffer> => {
    let found = (averaged && present.get(optimizer.average(name) ?? "")) || present.get(name);
    if (!found) {
      const start = model.graph.initializers.get(name)?.data as Float32Array | undefined;
      found = start ? Float32Array.from(start) : new Float32Array(n).fill(optimizer.start(name));
      present.set(name, found);
    }
    return found;
  };

  const prepare = async (kind: Kind, feeds: Feeds): Promise<Prepared> => {
    const bind = sizesOf(model.graph, feeds);
    const step = kind === "predict" ? forwardGraph(model, bind) : trainingGraph(options, bind, kind === "collect");
    const buffers = (named: readonly (readonly [string, readonly number[]])[]) =>
      Object.fromEntries(named.filter(([name]) => name).map(([name, dims]) => [name, tensor(dims)]));
    return {
      step,
      session: await runtime.open(encodeOnnx(step.graph)),
      ids: step.ids && (await runtime.open(encodeOnnx(step.ids))),
      rows: buffers(step.lookups.map(({ rows, dims }) => [rows, dims])),
      gradients: buffers(step.rowGradients.map(({ output, dims }) => [output, dims])),
      masks: buffers(step.masks.map(({ input, dims }) => [input, dims])),
    };
  };

  const prepared = (kind: Kind, feeds: Feeds): Promise<Prepared> => {
    const key = `${kind} ${JSON.stringify(sizesOf(model.graph, feeds))}`;
    const found = open.get(key) ?? prepare(kind, feeds);
    open.set(key, found);
    return found;
  };

  /** Gathers the tables' rows and runs; returns the ids of each lookup beside the outputs. */
  const run = async (kind: Kind, p: Prepared, feeds: Feeds, into: Record<string, RunTensor>) => {
    const known = p.ids ? { ...feeds, ...(await p.ids.run(pick(feeds, p.ids.inputs))) } : feeds;
    const ids = p.step.lookups.map((lookup) => must(known[lookup.ids], `feed "${lookup.ids}"`).data as Ids);
    for (const [i, { table, rows }] of p.step.lookups.entries()) {
      await tables[table]!.gather(ids[i]!, p.rows[rows]!.data as Float32Array);
    }
    const scalars = optimizer.scalars(updates, learningRate(updates));
    const given: Record<string, RunTensor> = {};
    for (const { name, shape } of p.step.graph.inputs) {
      const dims = shape as number[];
      const scalar = scalars[name];
      given[name] =
        p.rows[name] ??
        p.masks[name] ??
        feeds[name] ??
        (scalar === undefined
          ? tensor(dims, stateOf(name, elements(dims), kind === "predict"))
          : tensor([], Float32Array.of(scalar)));
    }
    return { ids, outputs: await p.session.run(given, into) };
  };

  return {
    async step(feeds) {
      const kind = (batches + 1) % accumulate === 0 ? "update" : "collect";
      const p = await prepared(kind, feeds);
      for (const { input, rate } of p.step.masks) {
        const seed = dropout.fork(`${batches} ${input}`).u32();
        fillDropoutMask(p.masks[input]!.data as Float32Array, rate, seed);
      }
      const into: Record<string, RunTensor> = { ...p.gradients };
      for (const { name, dims } of p.step.state) {
        into[`${name}.next`] = tensor(dims, spare.get(name) ?? new Float32Array(elements(dims)));
      }
      const { ids, outputs } = await run(kind, p, feeds, into);
      const loss = (outputs["loss"]!.data as Float32Array)[0]!;
      if (!Number.isFinite(loss)) diverged(updates, loss, outputs);
      for (const { name } of p.step.state) {
        spare.set(name, present.get(name)!);
        present.set(name, into[`${name}.next`]!.data as Float32Array<ArrayBuffer>);
      }
      for (const [i, { table }] of p.step.lookups.entries()) {
        const gradient = p.gradients[p.step.rowGradients[i]!.output];
        if (gradient) await tables[table]!.accumulate(ids[i]!, gradient.data as Float32Array);
      }
      batches++;
      if (kind === "update") {
        for (const table of Object.values(tables)) {
          const scale = clipNorm === undefined ? 1 : clipFactor(table.squaredNorm(), clipNorm);
          await table.apply({ learningRate: tablesLearningRate(updates), step: updates + 1, scale });
        }
        updates++;
      }
      return loss;
    },
    async predict(feeds) {
      const p = await prepared("predict", feeds);
      return (await run("predict", p, feeds, {})).outputs;
    },
    change: (weight, edit) => edit(stateOf(weight, 0)),
    updates: () => updates,
    model() {
      const initializers = new Map(model.graph.initializers);
      for (const [name, { dtype, dims }] of model.graph.initializers) {
        const own = present.get(optimizer.average(name) ?? "") ?? present.get(name);
        const data = tables[name]?.table() ?? own?.slice();
        if (data) initializers.set(name, { dtype, dims, data });
      }
      return { ...model, graph: { ...model.graph, initializers } };
    },
    checkpoint: () => ({
      batches,
      updates,
      graph: Object.fromEntries([...present].map(([name, data]) => [name, data.slice()])),
      tables: mapValues(tables, (table) => mapValues(table.state(), (parts) => parts.map((part) => part.slice()))),
    }),
    restore(checkpoint) {
      ({ batches, updates } = checkpoint);
      present = new Map(Object.entries(checkpoint.graph).map(([name, data]) => [name, Float32Array.from(data)]));
      spare.clear();
      for (const [name, table] of Object.entries(tables)) {
        table.load(must(checkpoint.tables[name], `the checkpoint's table "${name}"`));
      }
    },
    async close() {
      for (const each of await Promise.all(open.values())) {
        await each.session.close();
        await each.ids?.close();
      }
    },
  };
}

const tensor = (dims: readonly number[], data = new Float32Array(elements(dims))): RunTensor => ({
  dtype: "float32",
  dims,
  data,
});

const pick = (feeds: Feeds, names: readonly string[]): Feeds =>
  Object.fromEntries(names.map((name) => [name, must(feeds[name], `feed "${name}"`)]));

/** The size of each named dimension of the graph's inputs, read off the feeds. */
function sizesOf(graph: Graph, feeds: Feeds): Record<string, number> {
  const bind: Record<string, number> = {};
  for (const { name, shape } of graph.inputs) {
    shape.forEach((d, i) => {
      const size = feeds[name]?.dims[i];
      if (typeof d === "string" && size !== undefined) bind[d] = size;
    });
  }
  return bind;
}
