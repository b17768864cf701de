// Graphs inside attributes: branches of If, bodies of Loop and Scan. They read values of the graphs around them.

import type { Attribute, GraphBody, GraphNode } from "./graph.ts";

/** The graphs in a node's attributes. */
export const bodiesOf = (node: GraphNode): readonly GraphBody[] =>
  Object.values(node.attributes).flatMap(attributeBodies);

function attributeBodies(value: Attribute): readonly GraphBody[] {
  if (typeof value !== "object") return [];
  if ("graph" in value) return [value.graph];
  return "graphs" in value ? value.graphs : [];
}

/** The names of all values of a graph and of those inside it. */
export function namesIn(body: GraphBody, names = new Set<string>()): Set<string> {
  for (const { name } of [...body.inputs, ...body.outputs]) names.add(name);
  for (const name of body.initializers.keys()) names.add(name);
  for (const node of body.nodes) {
    for (const name of node.outputs) names.add(name);
    for (const inner of bodiesOf(node)) namesIn(inner, names);
  }
  return names;
}

/** All values that a node reads: its inputs, and what its graphs read from around them. */
export function readsOf(node: GraphNode): Set<string> {
  const reads = new Set(node.inputs);
  for (const body of bodiesOf(node)) for (const name of outsideReads(body)) reads.add(name);
  reads.delete("");
  return reads;
}

function outsideReads(body: GraphBody): Set<string> {
  const own = new Set([...body.inputs.map((v) => v.name), ...body.initializers.keys()]);
  const reads = new Set<string>();
  const read = (name: string) => !own.has(name) && reads.add(name);
  for (const node of body.nodes) {
    readsOf(node).forEach(read);
    for (const name of node.outputs) own.add(name);
  }
  for (const { name } of body.outputs) read(name);
  return reads;
}

/** Makes the node's graphs read `by` where they read `value` from around them. */
export function replaceOutsideReads(node: GraphNode, value: string, by: string): void {
  for (const body of bodiesOf(node)) {
    if (!outsideReads(body).has(value)) continue;
    for (const inner of body.nodes) {
      inner.inputs = inner.inputs.map((name) => (name === value ? by : name));
      replaceOutsideReads(inner, value, by);
    }
    // An output is a name as well as a read, and stays the body's own.
    if (body.outputs.some(({ name }) => name === value)) {
      const own = `${value}/${body.name || "body"}`;
      body.nodes.push({ name: own, op: "Identity", domain: "", inputs: [by], outputs: [own], attributes: {} });
      body.outputs = body.outputs.map((v) => (v.name === value ? { ...v, name: own } : v));
    }
  }
}

/** A copy of a node with every value renamed and every attribute mapped (undefined leaves it out), bodies included. */
export function copyNode(
  node: GraphNode,
  rename: (value: string) => string,
  attribute: (value: Attribute) => Attribute | undefined = (value) => value,
): GraphNode {
  const names = (values: readonly string[]) => values.map((name) => name && rename(name));
  const copy = (value: Attribute): Attribute | undefined => {
    if (typeof value !== "object") return value;
    if ("graph" in value) return { graph: copyBody(value.graph, rename, attribute) };
    return "graphs" in value ? { graphs: value.graphs.map((b) => copyBody(b, rename, attribute)) } : attribute(value);
  };
  return {
    ...node,
    inputs: names(node.inputs),
    outputs: names(node.outputs),
    attributes: Object.fromEntries(
      Object.entries(node.attributes).flatMap(([key, value]) => {
        const copied = copy(value);
        return copied === undefined ? [] : [[key, copied]];
      }),
    ),
  };
}

function copyBody(
  body: GraphBody,
  rename: (value: string) => string,
  attribute: (value: Attribute) => Attribute | undefined,
): GraphBody {
  const values = <V extends { name: string }>(list: readonly V[]) => list.map((v) => ({ ...v, name: rename(v.name) }));
  return {
    ...body,
    inputs: values(body.inputs),
    outputs: values(body.outputs),
    ...(body.values && { values: values(body.values) }),
    ...(body.defaults && { defaults: values(body.defaults) }),
    initializers: new Map([...body.initializers].map(([name, tensor]) => [rename(name), tensor])),
    nodes: body.nodes.map((node) => copyNode(node, rename, attribute)),
  };
}
