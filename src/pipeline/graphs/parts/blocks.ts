// The blocks of a graph: what gives as many numbers as it reads, so that it can be passed by.
//
//     x + f(x)             what is added goes, x stays      (a cross layer, half of a Transformer block)
//     activation(x W + b)  with a square W, outside of such blocks: x goes on

import { readsOf } from "../../../graph/bodies.ts";
import { isFree } from "../../../graph/cut/rule.ts";
import type { GraphNode } from "../../../graph/graph.ts";
import type { Part, Whole } from "./part.ts";
import { type Trace, traceOf } from "./trace.ts";

export function blocksOf({ graph }: Pick<Whole, "graph">): Part[] {
  const trace = traceOf(graph);
  const residual = graph.nodes.flatMap((node) => residualAt(trace, node) ?? []);
  const inside = new Set(residual.flatMap(({ nodes }) => [...nodes]));
  const plain = graph.nodes.flatMap((node) => (inside.has(node) ? [] : (plainAt(trace, node) ?? [])));
  const names = new Set<string>();
  return [...residual, ...plain].flatMap(({ name, value, by }) => {
    if (names.has(name)) return [];
    names.add(name);
    return [{ name, moves: false, gone: new Map(), bypass: { value, by } }];
  });
}

interface Block {
  /** Its first weight. */
  readonly name: string;
  readonly value: string;
  readonly by: string;
  readonly nodes: ReadonlySet<GraphNode>;
}

function residualAt(trace: Trace, add: GraphNode): Block | undefined {
  const { uses, dims } = trace;
  const [value] = add.outputs;
  const own = dims(value!);
  if (add.op !== "Add" || add.domain !== "" || !own || own.length < 2 || own.at(-1) === 1 || isFree(own.at(-1)!))
    return undefined;
  for (const [by, of] of [add.inputs, [...add.inputs].reverse()] as [string, string][]) {
    if (!same(dims(by), own) || !same(dims(of), own) || by === of) continue;
    const nodes = branch(trace, of, by);
    if (!nodes || uses.readers(of).length !== 1 || uses.isOutput(of)) continue;
    const name = firstWeight(trace, nodes);
    if (name !== undefined) return { name, value: value!, by, nodes };
  }
  return undefined;
}

const same = (a: readonly number[] | undefined, b: readonly number[]): boolean =>
  a !== undefined && a.length === b.length && a.every((d, i) => d === b[i]);

/** The nodes between `by` and `of`; undefined where no path leads there. */
function branch({ uses }: Trace, of: string, by: string): ReadonlySet<GraphNode> | undefined {
  const leads = new Map<string, boolean>([[by, true]]);
  const nodes = new Set<GraphNode>();
  const visit = (value: string): boolean => {
    const known = leads.get(value);
    if (known !== undefined) return known;
    const node = uses.producer(value);
    const found = node !== undefined && [...readsOf(node)].map(visit).some(Boolean);
    leads.set(value, found);
    if (found) nodes.add(node);
    return found;
  };
  return visit(of) ? nodes : undefined;
}

/** Of the weights that nothing outside reads. */
function firstWeight(trace: Trace, nodes: ReadonlySet<GraphNode>): string | undefined {
  const { uses } = trace;
  return uses.graph.nodes
    .filter((node) => nodes.has(node))
    .map((node) => trace.weight(node)?.name)
    .find((name) => name !== undefined && uses.readers(name).every((reader) => nodes.has(reader)));
}

const activations = new Set("Relu LeakyRelu PRelu Elu Gelu Sigmoid Tanh Softplus".split(" "));
const behind = new Set([...activations, "BatchNormalization", "LayerNormalization", "Dropout", "Identity"]);

function plainAt(trace: Trace, product: GraphNode): Block | undefined {
  const { uses, dims } = trace;
  const weight = trace.weight(product);
  const by = product.inputs[0]!;
  if (!weight || uses.readers(weight.name).length !== 1 || uses.graph.initializers.has(by)) return undefined;
  let active = false;
  let at = product.outputs[0]!;
  const nodes = new Set([product]);
  for (;;) {
    const [reader, ...others] = uses.readers(at);
    const bias = reader?.op === "Add" && reader.inputs.some((name) => uses.graph.initializers.has(name));
    if (!reader || others.length > 0 || uses.isOutput(at) || !(bias || behind.has(reader.op))) break;
    active ||= activations.has(reader.op);
    nodes.add(reader);
    at = reader.outputs[0]!;
  }
  const fits = active && same(dims(by), dims(at) ?? []) && !isFree(dims(by)!.at(-1)!) && dims(by)!.at(-1)! > 1;
  return fits && !uses.isOutput(at) ? { name: weight.name, value: at, by, nodes } : undefined;
}
