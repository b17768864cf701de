// Replaces every call of a graph's own functions by the function's nodes.

import { UserError } from "../base/errors.ts";
import { bodiesOf, copyNode, namesIn } from "./bodies.ts";
import type { Attribute, Graph, GraphBody, GraphFunction, GraphNode } from "./graph.ts";

/** Functions that call one another twice each double with every level. */
const MOST_NODES = 100_000;
const MOST_DEPTH = 100;

interface Inlining {
  readonly functions: ReadonlyMap<string, GraphFunction>;
  readonly graph: Graph;
  readonly taken: Set<string>;
  nodes: number;
}

/**
 * Inlines all calls in place and drops the functions, so that only operators are left. A function that calls itself, that
 * wants other versions of the operators than the graph, or 100,000 nodes are a UserError.
 */
export function inlineFunctions(graph: Graph): void {
  if (!graph.functions) return;
  const functions = new Map(graph.functions.map((f) => [keyOf(f.domain, f.name, f.overload), f]));
  const inlining = { functions, graph, taken: namesIn(graph), nodes: 0 };
  inlineBody(graph, inlining, []);
  for (const f of functions.values()) delete graph.domains[f.domain];
  delete graph.functions;
}

const keyOf = (domain: string, name: string, overload = "") => JSON.stringify([domain, name, overload]);

function inlineBody(body: GraphBody, inlining: Inlining, within: readonly GraphFunction[]): void {
  body.nodes = body.nodes.flatMap((node) => inlined(node, inlining, within));
}

function inlined(node: GraphNode, inlining: Inlining, within: readonly GraphFunction[]): GraphNode[] {
  for (const body of bodiesOf(node)) inlineBody(body, inlining, within);
  const f = inlining.functions.get(keyOf(node.domain, node.op, node.overload));
  inlining.nodes++;
  if (inlining.nodes > MOST_NODES)
    throw new UserError(`the functions of the graph make more than ${MOST_NODES} nodes.`);
  if (!f) return [node];
  const name = `function ${f.domain}.${f.name}`;
  if (within.length > MOST_DEPTH) throw new UserError(`${name} lies more than ${MOST_DEPTH} calls deep.`);
  if (within.includes(f)) throw new UserError(`${name} calls itself, which no runtime can execute.`);
  checkVersions(f, inlining.graph, name);
  return bodyOfCall(node, f, inlining).flatMap((inner) => inlined(inner, inlining, [...within, f]));
}

function checkVersions(f: GraphFunction, graph: Graph, name: string): void {
  if (f.opset > 0 && f.opset !== graph.opset)
    throw new UserError(
      `${name} uses version ${f.opset} of the operators, the graph ${graph.opset}; export both alike.`,
    );
  for (const [domain, version] of Object.entries(f.domains)) {
    const known = graph.domains[domain] ?? version;
    graph.domains[domain] = known;
    if (known !== version)
      throw new UserError(`${name} uses version ${version} of ${domain}, the graph ${known}; export both alike.`);
  }
}

/** The function's nodes with the call's values and attributes in place of its own. */
function bodyOfCall(call: GraphNode, f: GraphFunction, { taken }: Inlining): GraphNode[] {
  // No two calls write the same value, so its name keeps their inner values apart.
  const label = call.outputs.find((name) => name !== "") ?? call.op;
  const names = new Map<string, string>();
  for (const [i, name] of f.inputs.entries()) names.set(name, call.inputs[i] ?? "");
  // An output that is an input as well takes a node of its own.
  const through = f.outputs.flatMap((name, i) => (names.has(name) && call.outputs[i] ? [[name, call.outputs[i]]] : []));
  f.outputs.forEach((name, i) => {
    if (!names.has(name) && call.outputs[i]) names.set(name, call.outputs[i]);
  });
  const rename = (name: string): string => {
    let to = names.get(name);
    if (to === undefined) {
      to = `${label}/${name}`;
      for (let n = 2; taken.has(to); n++) to = `${label}/${name}_${n}`;
      taken.add(to);
      names.set(name, to);
    }
    return to;
  };
  const attribute = (value: Attribute): Attribute | undefined =>
    typeof value === "object" && "ref" in value
      ? (call.attributes[value.ref] ?? f.attributeDefaults[value.ref])
      : value;
  const nodes = f.nodes.map((node) => {
    const copy = copyNode(node, rename, attribute);
    return { ...copy, name: node.name && `${label}/${node.name}` };
  });
  for (const [from, to] of through)
    nodes.push({ name: to!, op: "Identity", domain: "", inputs: [names.get(from!)!], outputs: [to!], attributes: {} });
  return nodes;
}
