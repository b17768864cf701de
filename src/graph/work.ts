// What one run of a graph works through: arithmetic, constants that are read and values in between, an operator at a time,
// and the most memory that its values take at once. Counted from shapes; nothing is run.

import { readsOf } from "./bodies.ts";
import { workOf } from "./flops.ts";
import type { Graph, GraphNode } from "./graph.ts";
import { inferGraph, type Types } from "./infer/index.ts";
import { runningNodes } from "./running.ts";
import { dtypeBytes, elements, tensorBytes } from "./tensor.ts";

/** All nodes of one operator that run. */
export interface OpWork {
  readonly op: string;
  nodes: number;
  /** Constants that they read, or that reach them by constants alone; each counts at its first reader. */
  bytes: number;
  flops: number;
  macs: number;
  /** Bytes of constants that are read whole, as they are when the graph runs. */
  weights: number;
  /** Bytes of rows that are picked from constants. */
  rows: number;
  /** Bytes of values between operators, read or written. */
  values: number;
}

const picks: ReadonlySet<string> = new Set(["Gather", "GatherND", "GatherElements", "GatherBlockQuantized"]);
/** Operators whose output is the memory of their first input. */
const views: ReadonlySet<string> = new Set(["Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity", "Dropout"]);

/** The work of a run for one size of each named dimension, by operator in the order in which they first run. */
export function graphWork(graph: Graph, bind: Readonly<Record<string, number>>): OpWork[] {
  const known = inferGraph(graph, bind);
  const running = runningNodes(graph, known);
  const written = new Set([...graph.inputs.map(({ name }) => name), ...running.flatMap(({ outputs }) => outputs)]);
  const sources = sourcesOf(graph, written);
  const counted = new Set<string>();
  const ops = new Map<string, OpWork>();
  const dims = (name: string) => known.types.get(name)?.dims ?? [];
  for (const node of running) {
    const { op } = node;
    const none = { op, nodes: 0, bytes: 0, flops: 0, macs: 0, weights: 0, rows: 0, values: 0 };
    const sum = ops.get(op) ?? none;
    ops.set(op, sum);
    const { flops, macs } = workOf(node, dims);
    sum.nodes++;
    sum.flops += flops;
    sum.macs += macs;
    if (!views.has(op)) for (const name of node.outputs) sum.values += sizeOf(known, name);
    for (const name of readsOf(node)) {
      if (written.has(name)) sum.values += views.has(op) ? 0 : sizeOf(known, name);
      else if (picks.has(op) && name === node.inputs[0]) sum.rows += pickedBytes(node, known);
      else if (!views.has(op)) sum.weights += sizeOf(known, name);
      for (const source of sources(name)) {
        if (counted.has(source)) continue;
        counted.add(source);
        sum.bytes += constantBytes(graph, known, source);
      }
    }
  }
  return [...ops.values()];
}

/**
 * The most bytes that inputs, outputs and values in between take at once, nodes running in the graph's order and a value
 * living from its writing to its last reading. Views share memory; nothing else is written in place.
 */
export function peakBytes(graph: Graph, bind: Readonly<Record<string, number>>): number {
  const known = inferGraph(graph, bind);
  const running = runningNodes(graph, known);
  const owner = new Map<string, string>();
  const own = (name: string) => owner.get(name) ?? name;
  const last = new Map<string, number>();
  const inputs = graph.inputs.map(({ name }) => name);
  const written = new Set(inputs);
  running.forEach((node, at) => {
    if (views.has(node.op)) owner.set(node.outputs[0]!, own(node.inputs[0]!));
    for (const name of node.outputs) if (name) written.add(name);
    for (const name of readsOf(node)) last.set(own(name), at);
  });
  for (const { name } of graph.outputs) last.set(own(name), running.length);
  let live = inputs.reduce((sum, name) => sum + sizeOf(known, name), 0);
  let peak = live;
  running.forEach((node, at) => {
    const made = [...new Set(node.outputs.filter((name) => name && own(name) === name))];
    live += made.reduce((sum, name) => sum + sizeOf(known, name), 0);
    peak = Math.max(peak, live);
    const over = new Set([...[...readsOf(node)].map(own).filter((name) => written.has(name)), ...made]);
    for (const name of over) if ((last.get(name) ?? at) <= at) live -= sizeOf(known, name);
  });
  return peak;
}

function sizeOf({ types }: Types, name: string): number {
  const type = types.get(name);
  return type ? Math.ceil(elements(type.dims) * dtypeBytes(type.dtype)) : 0;
}

/** Rows are as wide as the table stores them, whatever the operator makes of them. */
function pickedBytes({ inputs, outputs }: GraphNode, { types }: Types): number {
  const [table, out] = [types.get(inputs[0]!), types.get(outputs[0]!)];
  return table && out ? Math.ceil(elements(out.dims) * dtypeBytes(table.dtype)) : 0;
}

const constantBytes = (graph: Graph, known: Types, name: string): number => {
  const tensor = graph.initializers.get(name) ?? known.constants.get(name);
  return tensor ? tensorBytes(tensor).length : 0;
};

/** Which constants of the file a value comes from that no input reaches. */
function sourcesOf(graph: Graph, written: ReadonlySet<string>): (value: string) => ReadonlySet<string> {
  const found = new Map<string, ReadonlySet<string>>();
  const of = (name: string) => found.get(name) ?? new Set(graph.initializers.has(name) ? [name] : []);
  for (const node of graph.nodes) {
    if (node.outputs.some((name) => written.has(name))) continue;
    const sources =
      node.op === "Constant" ? new Set(node.outputs) : new Set([...readsOf(node)].flatMap((name) => [...of(name)]));
    for (const name of node.outputs) found.set(name, sources);
  }
  return of;
}
