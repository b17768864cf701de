// One node, typed by inference and run by ONNX Runtime: dtypes, dims and folded numbers must be the same.

import fc from "fast-check";
import { expect } from "vitest";
import type { Attribute, Graph } from "../src/graph/graph.ts";
import { inferGraph } from "../src/graph/infer/index.ts";
import type { RunTensor } from "../src/graph/runtime.ts";
import { elements, float32, type GraphTensor, int64 } from "../src/graph/tensor.ts";
import { onnxRuntime } from "../src/node/onnx-runtime.ts";
import { encodeOnnx } from "../src/onnx/encode.ts";

/** A node and the numbers of its inputs; `fixed` says which of them are initializers, as shapes and axes must be. */
export interface NodeCase {
  readonly op: string;
  readonly domain?: string;
  readonly inputs: readonly (GraphTensor | undefined)[];
  readonly fixed?: readonly number[];
  readonly attributes?: Record<string, Attribute>;
  readonly outputs?: number;
  /** The numbers of its outputs must be known where those of its inputs are. */
  readonly folds?: boolean;
}

const runtime = onnxRuntime({ threads: 1 });

/** The graph of the nodes, which share nothing; `constant` makes every input an initializer. */
export function graphOf(cases: readonly NodeCase[], constant = false): Graph {
  const graph: Graph = {
    name: "t",
    opset: 21,
    domains: {},
    inputs: [],
    outputs: [],
    initializers: new Map(),
    nodes: [],
  };
  cases.forEach((c, k) => {
    const domain = c.domain ?? "";
    if (domain) graph.domains[domain] = 1;
    c.inputs.forEach((tensor, i) => {
      const name = `x${k}_${i}`;
      if (!tensor) return;
      if (constant || c.fixed?.includes(i)) graph.initializers.set(name, tensor);
      else graph.inputs.push({ name, dtype: tensor.dtype, shape: [...tensor.dims] });
    });
    graph.nodes.push({
      name: `n${k}`,
      op: c.op,
      domain,
      inputs: c.inputs.map((tensor, i) => (tensor ? `x${k}_${i}` : "")),
      outputs: Array.from({ length: c.outputs ?? 1 }, (_, i) => `y${k}_${i}`),
      attributes: c.attributes ?? {},
    });
  });
  return graph;
}

/** Fails unless inference and folding say what ONNX Runtime does. */
export async function agrees(...cases: readonly NodeCase[]): Promise<void> {
  const graph = graphOf(cases);
  const { types } = inferGraph(graph);
  for (const name of graph.nodes.flatMap(({ outputs }) => outputs)) {
    const { dtype, dims } = types.get(name)!;
    // Named dimensions: the runtime must find the sizes by itself.
    graph.outputs.push({ name, dtype, shape: dims.map((_, i) => `${name}_${i}`) });
  }
  const feeds = cases.flatMap((c, k) => c.inputs.map((tensor, i) => [`x${k}_${i}`, tensor] as const));
  const session = await runtime.open(encodeOnnx(graph));
  const results = await session.run(
    Object.fromEntries(feeds.filter(([name]) => session.inputs.includes(name))) as Record<string, RunTensor>,
  );
  await session.close();
  const { constants } = inferGraph(graphOf(cases, true));
  cases.forEach((c, k) => {
    for (const name of graph.nodes[k]!.outputs) {
      const { dtype, dims, data } = results[name]!;
      expect({ dtype, dims: [...dims] }, name).toEqual(types.get(name));
      const folded = constants.get(name);
      if (c.folds) expect(folded, `${name} is folded`).toBeDefined();
      if (folded)
        expect({ dtype, dims: [...dims], data: [...data] }, name).toEqual({ ...folded, data: [...folded.data] });
    }
  });
}

/** Holds a handful of random cases to ONNX Runtime, in one session. */
export const agree = (cases: fc.Arbitrary<NodeCase>, n = 5): Promise<void> =>
  fc.assert(
    // Without the bias of first runs to small values: this is the only run.
    fc.asyncProperty(fc.noBias(fc.array(cases, { minLength: n, maxLength: n })), (list) => agrees(...list)),
    { numRuns: 1 },
  );

/** Sizes of a tensor of `least` to `most` dimensions. */
export const dimsOf = (least: number, most: number): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: 1, max: 4 }), { minLength: least, maxLength: most });

/** Two (or more) shapes that broadcast, each of them to the first. */
export const broadcasting = (n = 2): fc.Arbitrary<number[][]> =>
  dimsOf(0, 4).chain((dims) =>
    fc.tuple(
      fc.constant(dims),
      ...Array.from({ length: n - 1 }, () =>
        fc
          .tuple(fc.integer({ min: 0, max: dims.length }), fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }))
          .map(([from, one]) => dims.slice(from).map((d, i) => (one[i] ? 1 : d))),
      ),
    ),
  );

// A fixed walk through small numbers: signs, halves and repeats all occur.
const walk = (i: number) => ((i * 7 + 3) % 11) - 5;

/** float32 numbers between -2.5 and 2.5. */
export const reals = (dims: readonly number[]): GraphTensor =>
  float32(
    dims,
    Float32Array.from({ length: elements(dims) }, (_, i) => walk(i) / 2),
  );

/** int64 numbers between -5 and 5. */
export const wholes = (dims: readonly number[]): GraphTensor => ({
  ...int64(...Array.from({ length: elements(dims) }, (_, i) => walk(i))),
  dims,
});

/** int64 numbers between 1 and 5. */
export const positives = (dims: readonly number[]): GraphTensor => ({
  ...int64(...Array.from({ length: elements(dims) }, (_, i) => Math.abs(walk(i)) || 3)),
  dims,
});

/** int64 indices of an axis of n, some counted from its end. */
export const indices = (dims: readonly number[], n: number): GraphTensor => ({
  ...int64(...Array.from({ length: elements(dims) }, (_, i) => ((i * 5 + 1) % (2 * n)) - n)),
  dims,
});

export const bools = (dims: readonly number[]): GraphTensor => ({
  dtype: "bool",
  dims,
  data: Uint8Array.from({ length: elements(dims) }, (_, i) => Number(walk(i) > 0)),
});

export const scalar = (value: number): GraphTensor => float32([], Float32Array.of(value));
