// Whether a graph is one: names, order, types and attributes. What operators want of their inputs is inference's to say.

import { UserError } from "../base/errors.ts";
import { bodiesOf } from "./bodies.ts";
import type { Attribute, Graph, GraphBody, GraphNode, GraphValue } from "./graph.ts";
import { sortNodes } from "./sort.ts";
import { elements, type GraphTensor, tensorByteLength, tensorStrings } from "./tensor.ts";

interface Scope {
  readonly written: Set<string>;
  /** Domains with a version, and functions as "domain.name". */
  readonly domains: ReadonlySet<string>;
  readonly inFunction: boolean;
}

/** Throws a UserError about the first thing that is wrong; `where` names the graph in it. */
export function verify(graph: Graph, where: string = graph.name || "graph"): void {
  const problem = problemOf(graph);
  if (problem !== undefined) throw new UserError(`${where}: ${problem}.`);
}

function problemOf(graph: Graph): string | undefined {
  if (!Number.isInteger(graph.opset) || graph.opset < 1)
    return `version ${graph.opset} of the operators does not exist`;
  const problem = bodyProblem(graph, {
    written: new Set(),
    domains: new Set(["", ...Object.keys(graph.domains)]),
    inFunction: false,
  });
  if (problem !== undefined) return problem;
  for (const f of graph.functions ?? []) {
    const domains = new Set([...(f.opset > 0 ? [""] : []), ...Object.keys(f.domains)]);
    const scope = { written: new Set<string>(), domains, inFunction: true };
    const inputs = f.inputs.map((name): GraphValue => ({ name, dtype: "float32", shape: [] }));
    const outputs = f.outputs.map((name): GraphValue => ({ name, dtype: "float32", shape: [] }));
    const inside = bodyProblem({ name: f.name, inputs, outputs, initializers: new Map(), nodes: f.nodes }, scope);
    if (inside !== undefined) return `function ${f.domain}.${f.name}: ${inside}`;
  }
  return undefined;
}

function bodyProblem(body: GraphBody, outer: Scope): string | undefined {
  const scope = { ...outer, written: new Set(outer.written) };
  const write = (name: string, what: string): string | undefined => {
    if (name === "") return `${what} has no name`;
    if (scope.written.has(name)) return `value "${name}" is written twice`;
    scope.written.add(name);
    return undefined;
  };
  for (const v of [...body.inputs, ...body.outputs]) {
    const bad = v.shape.find((d) => typeof d === "number" && !(Number.isSafeInteger(d) && d >= 0));
    if (bad !== undefined) return `"${v.name}" has a dimension of ${bad}`;
  }
  for (const { name } of body.inputs) {
    const twice = write(name, "an input");
    if (twice) return twice;
  }
  for (const [name, tensor] of body.initializers) {
    const wrong = write(name, "a constant") ?? tensorProblem(tensor);
    if (wrong) return wrong.startsWith("value") ? wrong : `constant "${name}": ${wrong}`;
  }
  const labels = new Set<string>();
  for (const node of body.nodes) {
    if (node.name !== "" && labels.has(node.name)) return `two nodes are named "${node.name}"`;
    labels.add(node.name);
    const label = `${node.op} ${node.name || node.outputs[0] || ""}`.trim();
    const wrong = nodeProblem(node, scope);
    if (wrong !== undefined) return `${label}: ${orderProblem(body, node) ?? wrong}`;
    for (const name of node.outputs) {
      const twice = name && write(name, "an output");
      if (twice) return `${label}: ${twice}`;
    }
  }
  const names = new Set<string>();
  for (const { name } of body.outputs) {
    if (!scope.written.has(name)) return `nothing writes its output "${name}"`;
    if (names.has(name)) return `it has two outputs "${name}"`;
    names.add(name);
  }
  return undefined;
}

function nodeProblem(node: GraphNode, scope: Scope): string | undefined {
  if (node.op === "") return "it names no operator";
  if (!scope.domains.has(node.domain)) return `the graph gives no version of the operators of "${node.domain}"`;
  const missing = node.inputs.find((name) => name !== "" && !scope.written.has(name));
  if (missing !== undefined) return `it reads "${missing}", which nothing before it writes`;
  for (const [name, value] of Object.entries(node.attributes)) {
    const wrong = attributeProblem(value, scope);
    if (wrong !== undefined) return `attribute "${name}": ${wrong}`;
  }
  for (const body of bodiesOf(node)) {
    const inside = bodyProblem(body, scope);
    if (inside !== undefined) return `graph "${body.name}": ${inside}`;
  }
  return undefined;
}

/** Says it where a node reads what is written after it in a circle. */
function orderProblem(body: GraphBody, node: GraphNode): string | undefined {
  const later = new Set(body.nodes.slice(body.nodes.indexOf(node)).flatMap((n) => n.outputs));
  if (!node.inputs.some((name) => name !== "" && later.has(name))) return undefined;
  try {
    sortNodes({ ...body });
    return undefined;
  } catch {
    return "it waits for a value that depends on itself";
  }
}

function attributeProblem(value: Attribute, scope: Scope): string | undefined {
  if (typeof value === "number") return Number.isInteger(value) ? undefined : `${value} is not whole`;
  if (typeof value === "string") return undefined;
  if ("dtype" in value) return tensorProblem(value);
  if ("tensors" in value) return value.tensors.map(tensorProblem).find((wrong) => wrong !== undefined);
  if ("ref" in value) return scope.inFunction ? undefined : `it refers to "${value.ref}" of a function, and is in none`;
  if (Array.isArray(value)) return value.every(Number.isInteger) ? undefined : "a number is not whole";
  return undefined;
}

function tensorProblem(tensor: GraphTensor): string | undefined {
  const { dtype, dims, data } = tensor;
  if (!dims.every((d) => Number.isSafeInteger(d) && d >= 0)) return `a shape [${dims.join(", ")}] is impossible`;
  const needed = tensorByteLength(dtype, dims);
  if (needed === undefined) {
    const [has, needs] = [tensorStrings(tensor).length, elements(dims)];
    return has === needs ? undefined : `it holds ${has} strings, its shape needs ${needs}`;
  }
  return data.byteLength === needed ? undefined : `it holds ${data.byteLength} bytes, its shape needs ${needed}`;
}
