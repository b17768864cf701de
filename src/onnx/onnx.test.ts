import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UserError } from "../base/errors.ts";
import type { Graph } from "../graph/graph.ts";
import { float32, int32, int64, uint8 } from "../graph/tensor.ts";
import { decodeOnnx } from "./decode.ts";
import { encodeOnnx } from "./encode.ts";
import { ModelProto } from "./schema.ts";

const graph: Graph = {
  name: "g",
  opset: 17,
  domains: { "com.example": 1 },
  inputs: [{ name: "x", dtype: "float32", shape: ["batch", 3] }],
  outputs: [{ name: "y", dtype: "int64", shape: [] }],
  initializers: new Map([
    ["a", float32([2, 2], Float32Array.of(1, -0, 3.5, Number.POSITIVE_INFINITY))],
    ["b", int64(-1, 2 ** 40)],
    ["c", int32([1], Int32Array.of(-5))],
    ["d", uint8([0], new Uint8Array(0))],
    ["e", { dtype: "float16", dims: [], data: Uint16Array.of(0x3c00) }],
  ]),
  nodes: [
    {
      name: "n",
      op: "Everything",
      domain: "com.example",
      inputs: ["x", "", "a"],
      outputs: ["y"],
      attributes: {
        whole: -7,
        float: { float: 0.5 },
        text: "é",
        ints: [1, -2, 3],
        none: [],
        floats: { floats: [1, 2.5] },
        strings: { strings: ["a", ""] },
        tensor: float32([1], Float32Array.of(2)),
      },
    },
  ],
};

test("a graph with every kind of part reads as it was written", () => {
  expect(decodeOnnx(encodeOnnx(graph))).toEqual(graph);
});

test("an empty text that is left out of the file reads as empty", () => {
  const node = { op_type: "Op", attribute: [{ name: "a", type: 3 }] };
  const model = { opset_import: [{ version: 17 }], graph: { node: [node] } };
  expect(decodeOnnx(ModelProto.encode(model).finish()).nodes[0]?.attributes).toEqual({ a: "" });
});

test("tensors in typed fields read like raw ones", () => {
  const tensors = [
    { name: "f", dims: [2], data_type: 1, float_data: [1.5, -2] },
    { name: "l", dims: [2], data_type: 7, int64_data: [-1, 2 ** 40] },
    { name: "i", dims: [1], data_type: 6, int32_data: [-9] },
    { name: "u", dims: [1], data_type: 2, int32_data: [200] },
    { name: "h", dims: [1], data_type: 10, int32_data: [0x3c00] },
  ];
  const model = { opset_import: [{ version: 17 }], graph: { name: "g", initializer: tensors } };
  const { initializers } = decodeOnnx(ModelProto.encode(model).finish());
  expect([...initializers.values()].map(({ data }) => data)).toEqual([
    Float32Array.of(1.5, -2),
    BigInt64Array.of(-1n, 2n ** 40n),
    Int32Array.of(-9),
    Uint8Array.of(200),
    Uint16Array.of(0x3c00),
  ]);
});

describe("hostile files", () => {
  const fails = (model: object, message: RegExp) => {
    const bytes = ModelProto.encode(model).finish();
    expect(() => decodeOnnx(bytes)).toThrow(UserError);
    expect(() => decodeOnnx(bytes)).toThrow(message);
  };
  const withTensor = (tensor: object) => ({ opset_import: [{ version: 17 }], graph: { initializer: [tensor] } });

  test("are named for what they are", () => {
    fails({}, /model.onnx: it holds no graph/);
    fails({ graph: {} }, /no version of the standard operators/);
    fails(
      withTensor({ name: "t", dims: [8, 2], data_type: 1, raw_data: new Uint8Array(40) }),
      /holds 40 bytes, its shape \[8, 2\] needs 64/,
    );
    fails(withTensor({ name: "t", dims: [-1], data_type: 1 }), /its shape \[-1\]/);
    fails(withTensor({ name: "t", dims: [1], data_type: 11 }), /number type 11, which is not supported/);
    fails(withTensor({ name: "t", dims: [1], data_type: 1, external_data: [new Uint8Array(0)] }), /in another file/);
    const attribute = { name: "a", type: 4 };
    const withNode = { opset_import: [{ version: 17 }], graph: { node: [{ op_type: "Op", attribute: [attribute] }] } };
    fails(withNode, /Op : attribute "a" is empty or of a kind that is not supported \(4\)/);
    fails(withTensor({ name: "t", dims: [-1, 0], data_type: 1 }), /its shape \[-1, 0\]/);
    expect(() => decodeOnnx(new TextEncoder().encode("hello, this is text"))).toThrow(UserError);
  });

  test("never crash when a byte is changed or the end is missing", () => {
    const file = encodeOnnx(graph);
    const hostile = fc.oneof(
      fc.tuple(fc.nat(file.length - 1), fc.nat(255)).map(([at, b]) => file.map((x, i) => (i === at ? b : x))),
      fc.nat(file.length - 1).map((length) => file.slice(0, length)),
    );
    fc.assert(
      fc.property(hostile, (bytes) => {
        try {
          decodeOnnx(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
      { numRuns: 3000 },
    );
  });
});
