// One graph that is a whole training step: forward, loss, backward, update. Weights and optimiser state go in and come
// out again as `<name>.next`; the rows of embedding tables go in and their gradients come out.

import { differentiate } from "../../autodiff/differentiate.ts";
import { bug } from "../../base/errors.ts";
import { bindGraph } from "../../graph/bind.ts";
import type { Graph } from "../../graph/graph.ts";
import { type Ops, opsOn } from "../../graph/ops.ts";
import { elements, type GraphTensor } from "../../graph/tensor.ts";
import { typedBuilder } from "../../graph/typed-builder.ts";
import type { GraphOptimizer } from "../optimizers/optimizer.ts";
import { type Lookup, liftTables, partFor } from "./lift-tables.ts";
import type { Model } from "./model.ts";
import { blockRows } from "./row-blocks.ts";
import { appendInTrainingForm, type Mask, takeNodes } from "./training-form.ts";

/** Appends the loss, a float32 scalar, over the model's outputs by name; it may add inputs, such as labels. */
export type Objective = (g: Ops, outputs: Readonly<Record<string, string>>) => string;

export interface StepGraph {
  readonly graph: Graph;
  readonly lookups: readonly Lookup[];
  /** Computes the ids of lookups that are not inputs themselves. */
  readonly ids: Graph | undefined;
  readonly masks: readonly Mask[];
  /** Inputs that come out again as `<name>.next`. */
  readonly state: readonly { readonly name: string; readonly dims: readonly number[] }[];
  /** The output that holds ∂loss/∂rows of each lookup, in dims of its own; "" where the loss does not depend on it. */
  readonly rowGradients: readonly { readonly output: string; readonly dims: readonly number[] }[];
}

export interface TrainingPlan {
  readonly model: Model;
  readonly objective: Objective;
  readonly optimizer: GraphOptimizer;
  /** Steps whose gradients are averaged into one update. */
  readonly accumulate: number;
}

/** The forward graph over bound sizes, its weights and moving statistics as inputs, its tables lifted out. */
export function forwardGraph(model: Model, bind: Readonly<Record<string, number>>): StepGraph {
  return { ...prepare(model, bind), masks: [], state: [], rowGradients: [] };
}

/**
 * The step's graph for sizes `bind`. With `collect` it only adds the gradients to their running sums; without, it
 * updates (and clears the sums where there are any).
 */
export function trainingGraph(plan: TrainingPlan, bind: Readonly<Record<string, number>>, collect = false): StepGraph {
  const { model, objective, optimizer, accumulate } = plan;
  const { lookups, ids, graph } = prepare(model, bind);
  const outputs = graph.outputs.splice(0);
  const nodes = takeNodes(graph);
  const g = opsOn(typedBuilder(graph, bind, new Set(nodes.flatMap((node) => node.outputs))));
  const { masks, running, renamed } = appendInTrainingForm(g, nodes);
  const loss = objective(g, Object.fromEntries(outputs.map(({ name }) => [name, renamed(name)])));
  if (g.dims(loss).length > 0) bug(`the loss has dims [${g.dims(loss).join(", ")}], not a scalar's`);
  const share = accumulate > 1 ? g.mul(loss, g.scalar(1 / accumulate)) : loss;
  const rows = lookups.map((lookup) => lookup.rows);
  const read = (name: string) => renamed(model.projected?.[name] ?? name);
  const found = differentiate(g, share, [...model.weights, ...rows].map(read));
  const gradients = new Map([...model.weights, ...rows].flatMap((name) => pairOf(name, found.get(read(name)))));
  blockRows(g);
  const state: { name: string; dims: readonly number[] }[] = [];
  const names = new Map<string, string>();
  const next = (name: string, value: string) => {
    state.push({ name, dims: g.dims(value) });
    names.set(value, `${name}.next`);
    graph.outputs.push({ name: `${name}.next`, dtype: "float32", shape: [...g.dims(value)] });
  };
  g.output(loss, "loss");
  for (const [name, value] of [...running, ...rangesOf(g, model, renamed)]) next(name, value);
  const moving = model.weights.filter((name) => gradients.has(name));
  const summed = moving.map((name) => {
    const gradient = gradients.get(name)!;
    if (accumulate === 1) return gradient;
    const sum = g.add(g.input(`${name}.sum`, "float32", g.dims(name)), gradient);
    next(`${name}.sum`, collect ? sum : g.mul(sum, g.scalar(0)));
    return sum;
  });
  if (!collect) for (const [name, value] of optimizer.update(g, moving, summed)) next(name, value);
  const rowGradients = rows.map((name) => {
    const gradient = gradients.get(name);
    if (gradient === undefined) return { output: "", dims: [] };
    const plain = beforeReshapes(graph, gradient);
    const output = `${name}.gradient`;
    g.output(plain, output);
    return { output, dims: g.dims(plain) };
  });
  // Not through Identity, which would copy what is read again, such as Adam's moments.
  const named = (value: string) => names.get(value) ?? value;
  graph.nodes = graph.nodes.map((node) => ({
    ...node,
    inputs: node.inputs.map(named),
    outputs: node.outputs.map(named),
  }));
  const used = new Set(graph.nodes.flatMap(({ inputs }) => inputs));
  graph.inputs = graph.inputs.filter(({ name }) => used.has(name));
  return { graph, lookups, ids, masks, state, rowGradients };
}

const pairOf = (name: string, gradient: string | undefined): (readonly [string, string])[] =>
  gradient === undefined ? [] : [[name, gradient]];

/** lo ← lo + a (min(0, x) - lo), hi likewise: the next value of each end. */
function rangesOf(g: Ops, { ranges = [] }: Model, renamed: (value: string) => string): [string, string][] {
  return ranges.flatMap(({ value, lo, hi, averaging }) => {
    const x = renamed(value);
    const moved = (end: string, batch: string) => g.add(end, g.mul(g.sub(batch, end), g.scalar(averaging)));
    const zero = g.scalar(0);
    return [
      [lo, moved(lo, g.min(g.reduceMin(x, []), zero))],
      [hi, moved(hi, g.max(g.reduceMax(x, []), zero))],
    ] as [string, string][];
  });
}

/** The value of which `value` is the same numbers in other dims; as an output it need not be copied. */
function beforeReshapes(graph: Graph, value: string): string {
  const node = graph.nodes.find(({ op, outputs }) => op === "Reshape" && outputs[0] === value);
  return node ? beforeReshapes(graph, node.inputs[0]!) : value;
}

function prepare(model: Model, bind: Readonly<Record<string, number>>) {
  const { graph, weights, tables } = model;
  const running = graph.nodes.flatMap(({ op, inputs }) => (op === "BatchNormalization" ? inputs.slice(3, 5) : []));
  const ends = (model.ranges ?? []).flatMap(({ lo, hi }) => [lo, hi]);
  const moved = [...weights, ...tables, ...running, ...ends];
  const open: Graph = {
    ...graph,
    inputs: [
      ...graph.inputs,
      ...moved.map((name) => inputOf(name, graph.initializers.get(name), !tables.includes(name))),
    ],
    initializers: new Map([...graph.initializers].filter(([name]) => !moved.includes(name))),
  };
  const bound = bindGraph(open, bind);
  const lookups = liftTables(bound, tables);
  const ids = partFor(
    bound,
    lookups.map((lookup) => lookup.ids),
  );
  return { graph: bound, lookups, ids };
}

/** `drawn` is false for a table, whose numbers may not be there yet and are not needed here. */
function inputOf(name: string, tensor: GraphTensor | undefined, drawn: boolean) {
  if (tensor?.dtype !== "float32") bug(`weight "${name}" is not a float32 initializer`);
  if (drawn && tensor.data.length !== elements(tensor.dims)) bug(`weight "${name}" does not fit its dims`);
  return { name, dtype: "float32" as const, shape: [...tensor.dims] };
}
