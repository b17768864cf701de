// Every operator of encoders against ONNX Runtime, over random shapes, axes and attributes.

import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { broadcastPair } from "../../../test/broadcast-shapes.ts";
import { runGraph } from "../../../test/run-graph.ts";
import { createRng } from "../../base/rng.ts";
import { buildGraph } from "../../graph/builder.ts";
import { elements, float32, type GraphTensor, int64 } from "../../graph/tensor.ts";
import { openSharedKernels } from "../../kernels/open-shared.ts";
import { binary, unary } from "./elementwise.ts";
import type { Encoder, EncoderNode } from "./encoder.ts";
import { operators } from "./operators.ts";
import { folds } from "./reduce.ts";
import { openEncoder } from "./run.ts";

const kernels = await openSharedKernels();
afterAll(() => kernels.close());

const rng = createRng("operators");
const random = (dims: readonly number[], draw = () => rng.normal()) =>
  float32(
    dims,
    Float32Array.from({ length: elements(dims) }, () => draw()),
  );
const positive = () => 0.2 + Math.abs(rng.normal());
const met = new Set<string>();

type Attributes = EncoderNode["attributes"];

/** One node over constants, its first input a constant or (`asRows`) the encoder's rows; undefined inputs are left out. */
async function check(op: string, given: readonly (GraphTensor | undefined)[], attributes: Attributes = {}, output = 0) {
  met.add(op);
  const inputs = given.map((tensor, i) => (tensor ? `x${i}` : ""));
  const weights = Object.fromEntries(given.flatMap((tensor, i) => (tensor ? [[`x${i}`, tensor] as const] : [])));
  const outputs = output === 0 ? ["y"] : ["unused", "y"];
  const { graph, ...b } = buildGraph("one", 21);
  for (const [name, tensor] of Object.entries(weights)) b.constant(name, tensor);
  b.constant("flat", int64(1, -1));
  graph.nodes.push({ name: op, op, domain: "", inputs, outputs, attributes });
  b.node("Reshape", ["y", "flat"], {}, "query");
  b.output("query", "float32", ["b", "d"]);
  const { query: theirs } = await runGraph(graph, {});
  // A query has a number at least.
  if (theirs!.length === 0) return;
  const size = Math.max(1, ...theirs!.map(Math.abs));
  const first = given[0]!;
  for (const asRows of first.dtype === "float32" ? [false, true] : [false]) {
    const own: Encoder = {
      ...{ length: 1, width: asRows ? elements(first.dims) : 1, d: theirs!.length },
      nodes: [
        ...(asRows ? [{ op: "Reshape", inputs: ["rows", "shape"], outputs: ["x"], attributes: {} }] : []),
        { op, inputs: asRows ? ["x", ...inputs.slice(1)] : inputs, outputs, attributes },
        { op: "Reshape", inputs: ["y", "flat"], outputs: ["query"], attributes: {} },
      ],
      weights: { ...weights, flat: int64(1, -1), shape: int64(...first.dims) },
    };
    const scope = kernels.scope();
    const encode = openEncoder(kernels, own, scope);
    const rows = asRows ? (first.data as Float32Array) : new Float32Array(1);
    for (let again = 0; again < 2; again++) {
      const ours = encode(rows, Float32Array.of(1), 1);
      for (const [i, x] of theirs!.entries()) expect(Math.abs(ours[i]! - x)).toBeLessThan(1e-5 * size);
    }
    scope.free();
  }
}

const side = fc.integer({ min: 1, max: 4 });
const dims = (minLength: number, maxLength: number) => fc.array(side, { minLength, maxLength });
const property = <T>(arbitrary: fc.Arbitrary<T>, holds: (value: T) => Promise<void>) =>
  fc.assert(fc.asyncProperty(arbitrary, holds), { numRuns: 25 });
/** A tensor's dims and one of its axes, counted from either end. */
const withAxis = (least = 1) =>
  dims(least, 4).chain((shape) =>
    fc.record({ shape: fc.constant(shape), axis: fc.integer({ min: -shape.length, max: shape.length - 1 }) }),
  );

test.each(Object.keys(unary))("%s", (op) =>
  property(dims(0, 4), (shape) => check(op, [random(shape, op === "Log" || op === "Sqrt" ? positive : undefined)])),
);

test.each(Object.keys(binary))("%s broadcasts", (op) =>
  property(broadcastPair, ([left, right]) =>
    check(op, [random(left, op === "Pow" ? positive : undefined), random(right, positive)]),
  ),
);

test.each(["Max", "Min"])("%s of many", (op) =>
  property(dims(1, 3), (shape) => check(op, [random(shape), random([1]), random(shape)])),
);

test.each(Object.keys(folds))("%s over any axes", (op) =>
  property(fc.record({ of: withAxis(), keepdims: fc.constantFrom(0, 1), all: fc.boolean() }), ({ of, keepdims, all }) =>
    check(op, [random(of.shape), ...(all ? [] : [int64(of.axis)])], { keepdims }),
  ),
);
test("ReduceSum over two axes that are not neighbours", () => check("ReduceSum", [random([2, 3, 4]), int64(-1, 0)]));

test("Softmax", () => property(dims(1, 4), (shape) => check("Softmax", [random(shape, () => 30 * rng.normal())])));
test("LayerNormalization", () =>
  property(dims(1, 4), (shape) => {
    const width = [shape.at(-1)!];
    const inputs = [random(shape), random(width), random(width)].slice(0, 2 + (shape.length % 2));
    return check("LayerNormalization", inputs, { epsilon: { float: 1e-3 } });
  }));

test("Concat", () =>
  property(fc.tuple(withAxis(), side, side), ([{ shape, axis }, b, c]) => {
    const at = axis < 0 ? axis + shape.length : axis;
    const like = (n: number) => random(shape.map((d, i) => (i === at ? n : d)));
    return check("Concat", [random(shape), like(b), like(c)], { axis });
  }));
test("Gather", () =>
  property(fc.tuple(withAxis(), dims(0, 2)), ([{ shape, axis }, ids]) => {
    const length = shape.at(axis)!;
    const data = BigInt64Array.from({ length: elements(ids) }, () => BigInt(rng.below(2 * length) - length));
    return check("Gather", [random(shape), { dtype: "int64", dims: ids, data }], { axis });
  }));
test("Reshape, Squeeze and Unsqueeze", () =>
  property(withAxis(2), async ({ shape, axis }) => {
    await check("Reshape", [random(shape), int64(0, -1)]);
    const one = shape.map((d, i) => (i === (axis + shape.length) % shape.length ? 1 : d));
    await check("Squeeze", [random(one), int64(axis)]);
    await check("Squeeze", [random(one)]);
    await check("Unsqueeze", [random(shape), int64(axis, axis < 0 ? 0 : -1)]);
  }));
test("Slice", () =>
  property(
    fc.tuple(withAxis(), fc.nat(5), fc.integer({ min: -4, max: 6 }), fc.integer({ min: 1, max: 3 })),
    ([{ shape, axis }, from, end, step]) => {
      const length = shape.at(axis)!;
      const start = (from % length) - (from % 2) * length;
      return check("Slice", [random(shape), int64(start), int64(end), int64(axis), int64(step)]);
    },
  ));
test("Slice from the first axis on, where none is named", () =>
  check("Slice", [random([3, 4, 2]), int64(1, -3), int64(3, -1)]));
test("Slice to the last, as PyTorch writes it", () => {
  const last: GraphTensor = { dtype: "int64", dims: [1], data: BigInt64Array.of(9223372036854775807n) };
  return check("Slice", [random([2, 5]), int64(-3), last, int64(1)]);
});
test("Transpose", () =>
  property(dims(1, 4), async (shape) => {
    await check("Transpose", [random(shape)]);
    const perm = [...rng.shuffle(Int32Array.from(shape.keys()))];
    await check("Transpose", [random(shape)], { perm });
  }));
test("Dropout keeps everything", () => check("Dropout", [random([2, 3]), float32([], Float32Array.of(0.5))]));

test("MatMul of matrices and of batches", () =>
  property(fc.tuple(dims(0, 2), side, side, side, fc.boolean()), ([lead, rows, depth, columns, both]) =>
    check("MatMul", [random([...lead, rows, depth]), random([...(both ? lead : []), depth, columns])]),
  ));
test("Gemm", () =>
  property(
    fc.record({ rows: side, depth: side, columns: side, transA: fc.nat(1), transB: fc.nat(1), bias: fc.nat(2) }),
    ({ rows, depth, columns, transA, transB, bias }) => {
      const turned = (by: number, dims: number[]) => random(by ? dims.reverse() : dims);
      const c = [[], [random([columns])], [random([rows, 1])]][bias]!;
      const attributes = { transA, transB, alpha: { float: 0.5 }, beta: { float: 2 } };
      return check("Gemm", [turned(transA, [rows, depth]), turned(transB, [depth, columns]), ...c], attributes);
    },
  ));
test("GRU, both orders of the reset gate", () =>
  property(
    fc.record({ steps: side, batch: side, width: side, h: side, reset: fc.nat(1), parts: fc.nat(2), last: fc.nat(1) }),
    ({ steps, batch, width, h, reset, parts, last }) => {
      const rest = [random([1, 6 * h]), undefined, random([1, batch, h])].slice(0, [0, 1, 3][parts]);
      const given = [random([steps, batch, width]), random([1, 3 * h, width]), random([1, 3 * h, h]), ...rest];
      return check("GRU", given, { hidden_size: h, linear_before_reset: reset }, last);
    },
  ));

test("every operator was met, Shape in the tests of encoders", () => {
  expect([...met, "Shape"].sort()).toEqual(Object.keys(operators).sort());
});
