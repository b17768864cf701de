// Appends nodes to a graph whose dimensions are all known; each new value has a type at once, and a unique name.

import { bug } from "../base/errors.ts";
import type { Attribute, Graph, GraphNode } from "./graph.ts";
import { boundSize, inferGraph, inferNode, setConstant } from "./infer/index.ts";
import type { ValueType } from "./infer/rule.ts";
import type { DType, GraphTensor } from "./tensor.ts";

export interface TypedBuilder {
  readonly graph: Graph;
  /** A dimension is a size, or a name that the builder's `bind` gives a size. */
  input(name: string, dtype: DType, shape: readonly (number | string)[]): string;
  /** An initializer; its name is made unique from `name`. */
  constant(name: string, tensor: GraphTensor): string;
  /** One node with `outputs` outputs, named from `label` (the op by default); inferred, so a misfit throws here. */
  nodes(op: string, inputs: string[], attributes: Record<string, Attribute>, outputs: number, label?: string): string[];
  /** A node with one output. */
  node(op: string, inputs: string[], attributes?: Record<string, Attribute>, label?: string): string;
  /** Appends a node as it is; its outputs must be new names. */
  append(node: GraphNode): void;
  /** Names a value as an output (through Identity where `name` is not its own); `shape` says which dims are free. */
  output(value: string, name?: string, shape?: readonly (number | string)[]): void;
  /** The type of a value that is in the graph. */
  type(value: string): ValueType;
  dims(value: string): readonly number[];
  /** The numbers of a value that is known before anything runs. */
  known(value: string): GraphTensor | undefined;
}

/**
 * A builder that appends to `graph`; `bind` gives the size of each named dimension of its inputs. The graph keeps the
 * names: it stays good for other sizes as long as no constant made here holds a bound size (use 0 and -1 in Reshape).
 * New values never take a name in `reserved`, so that nodes with those names can still be appended.
 */
export function typedBuilder(
  graph: Graph,
  bind: Readonly<Record<string, number>> = {},
  reserved: ReadonlySet<string> = new Set(),
): TypedBuilder {
  const known = inferGraph(graph, bind);
  let counter = 0;
  const unique = (label: string): string => {
    let name = label;
    while (name === "" || known.types.has(name) || reserved.has(name)) name = `${label}_${++counter}`;
    return name;
  };
  const type = (value: string) => known.types.get(value) ?? bug(`value "${value}" is not in graph "${graph.name}"`);
  const builder: TypedBuilder = {
    graph,
    input(name, dtype, shape) {
      if (known.types.has(name)) bug(`graph "${graph.name}" has a value "${name}" already`);
      graph.inputs.push({ name, dtype, shape: [...shape] });
      known.types.set(name, { dtype, dims: shape.map((d) => boundSize(name, d, bind)) });
      return name;
    },
    constant(label, tensor) {
      const name = unique(label);
      graph.initializers.set(name, tensor);
      setConstant(known, name, tensor);
      return name;
    },
    nodes(op, inputs, attributes, outputs, label = op) {
      const names = Array.from({ length: outputs }, () => {
        const name = unique(label);
        // Reserved at once, so that the outputs of one node differ.
        known.types.set(name, { dtype: "float32", dims: [] });
        return name;
      });
      const node = { name: names[0]!, op, domain: "", inputs, outputs: names, attributes };
      inferNode(node, graph.opset, known);
      graph.nodes.push(node);
      return names;
    },
    node: (op, inputs, attributes = {}, label = op) => builder.nodes(op, inputs, attributes, 1, label)[0]!,
    append(node) {
      const taken = node.outputs.find((name) => name && known.types.has(name));
      if (taken) bug(`graph "${graph.name}" has a value "${taken}" already`);
      inferNode(node, graph.opset, known);
      graph.nodes.push(node);
    },
    output(value, name = value, shape = type(value).dims) {
      const { dtype, dims } = type(value);
      if (name !== value) {
        if (known.types.has(name)) bug(`graph "${graph.name}" has a value "${name}" already`);
        graph.nodes.push({ name, op: "Identity", domain: "", inputs: [value], outputs: [name], attributes: {} });
        known.types.set(name, { dtype, dims });
      }
      graph.outputs.push({ name, dtype, shape: [...shape] });
    },
    type,
    dims: (value) => type(value).dims,
    known: (value) => known.constants.get(value),
  };
  return builder;
}
