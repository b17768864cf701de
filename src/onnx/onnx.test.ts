import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UserError } from "../base/errors.ts";
import type { Graph } from "../graph/graph.ts";
import {
  type DType,
  float32,
  type GraphTensor,
  int32,
  int64,
  stringTensor,
  tensorStrings,
  uint8,
} from "../graph/tensor.ts";
import { decodeOnnx } from "./decode.ts";
import { encodeOnnx, encodeOnnxParts } from "./encode.ts";
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

test("a graph of every number type reads as it was written, and tensors are views of the file where they can be", () => {
  const dtypes: [DType, GraphTensor["data"]][] = [
    ["float64", Float64Array.of(1e300, -0)],
    ["uint64", BigUint64Array.of(2n ** 64n - 1n, 1n)],
    ["uint32", Uint32Array.of(2 ** 32 - 1, 1)],
    ["int16", Int16Array.of(-300, 1)],
    ["uint16", Uint16Array.of(65535, 1)],
    ["bfloat16", Uint16Array.of(0x3f80, 1)],
    ["int8", Int8Array.of(-128, 1)],
    ["bool", Uint8Array.of(1, 0)],
    ["int4", Uint8Array.of(0x21)],
    ["uint4", Uint8Array.of(0xff)],
  ];
  const tensors = dtypes.map(([dtype, data]) => [dtype as string, { dtype, dims: [2], data }] as const);
  const strings = ["one", ""].map((text) => new TextEncoder().encode(text));
  const initializers = new Map<string, GraphTensor>([...tensors, ["string", stringTensor([2], strings)]]);
  const file = encodeOnnx({ ...graph, initializers });
  const read = decodeOnnx(file);
  expect(read.initializers).toEqual(initializers);
  expect(tensorStrings(read.initializers.get("string")!)).toEqual(strings);
  expect(read.initializers.get("int8")!.data.buffer).toBe(file.buffer);
});

test("integers of 64 bits keep their value or are refused", () => {
  const attributes = { end: 2 ** 63, start: -(2 ** 63), list: [2 ** 60, 2 ** 63] };
  const wide: Graph = { ...graph, nodes: [{ ...graph.nodes[0]!, attributes }] };
  const file = encodeOnnx(wide);
  expect(decodeOnnx(file)).toEqual(wide);
  const ints = (
    ModelProto.decode(file).toJSON()["graph"] as { node: { attribute: { i?: string; ints?: string[] }[] }[] }
  ).node[0]!.attribute;
  expect(ints[0]?.i).toBe("9223372036854775807");
  expect(ints[1]?.i).toBe("-9223372036854775808");
  expect(ints[2]?.ints).toEqual(["1152921504606846976", "9223372036854775807"]);
});

describe("tensors in a file beside the model", () => {
  const table = float32(
    [300],
    Float32Array.from({ length: 300 }, (_, i) => i),
  );
  const initializers = new Map<string, GraphTensor>([
    ["a", table],
    ["b", { dtype: "int8", dims: [1027], data: new Int8Array(1027).fill(3) }],
    ["c", table],
    ["axes", int64(1)],
  ]);
  const { model, external } = encodeOnnxParts({ ...graph, initializers }, "model.onnx.data", 0);

  test("are views at multiples of 64 bytes, and read as they were", () => {
    expect(external?.chunks.filter((chunk) => chunk.length >= 1024).map((chunk) => chunk.buffer)).toEqual(
      ["a", "b", "c"].map((name) => initializers.get(name)!.data.buffer),
    );
    const blob = Buffer.concat(external!.chunks);
    expect(blob.length).toBe(external!.bytes);
    const asked: [string, number, number][] = [];
    const read = decodeOnnx(model, "model.onnx", (location, offset, length) => {
      asked.push([location, offset, length]);
      return blob.subarray(offset, offset + length);
    });
    expect(read.initializers).toEqual(initializers);
    expect(asked).toEqual([
      ["model.onnx.data", 0, 1200],
      ["model.onnx.data", 1216, 1027],
      ["model.onnx.data", 2304, 1200],
    ]);
  });

  test("stay in the model while they are few", () => {
    expect(encodeOnnxParts({ ...graph, initializers }, "model.onnx.data")).toEqual({
      model: encodeOnnx({ ...graph, initializers }),
    });
  });

  test("that are cut short, or are said to be, are refused", () => {
    expect(() => decodeOnnx(model, "m.onnx", () => new Uint8Array(7))).toThrow(
      /m.onnx: initializer "a": "model.onnx.data" has 7 of its 1200 bytes at 0; it is cut short/,
    );
  });
});

test("a sparse initializer reads as a dense one, up to a size", () => {
  const read = (dims: number[], indices: object) => {
    const values = { name: "s", dims: [2], data_type: 1, float_data: [5, 7] };
    const sparse = { values, indices: { data_type: 7, ...indices }, dims };
    const model = { opset_import: [{ version: 17 }], graph: { sparse_initializer: [sparse] } };
    return decodeOnnx(ModelProto.encode(model).finish()).initializers.get("s");
  };
  const dense = float32([2, 3], Float32Array.of(0, 5, 0, 0, 0, 7));
  expect(read([2, 3], { dims: [2], int64_data: [1, 5] })).toEqual(dense);
  expect(read([2, 3], { dims: [2, 2], int64_data: [0, 1, 1, 2] })).toEqual(dense);
  expect(() => read([2, 3], { dims: [2], int64_data: [1, 6] })).toThrow(/index 6 is outside its shape \[2, 3\]/);
  expect(() => read([2, 3], { dims: [3], int64_data: [1, 5, 0] })).toThrow(/do not fit/);
  expect(() => read([2 ** 40], { dims: [2], int64_data: [1, 5] })).toThrow(/takes 4.40 TB as a dense one/);
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

  const outside = (location: string, more: Record<string, string> = {}) => ({
    ...{ name: "t", dims: [2], data_type: 1 },
    external_data: Object.entries({ location, ...more }).map(([key, value]) => ({ key, value })),
  });

  test("are named for what they are", () => {
    fails({}, /model.onnx: it holds no graph/);
    fails({ graph: {} }, /no version of the standard operators/);
    fails(
      withTensor({ name: "t", dims: [8, 2], data_type: 1, raw_data: new Uint8Array(40) }),
      /holds 40 bytes, its shape \[8, 2\] needs 64/,
    );
    fails(withTensor({ name: "t", dims: [-1], data_type: 1 }), /its shape \[-1\]/);
    fails(withTensor({ name: "t", dims: [1], data_type: 17 }), /number type 17, which is not supported/);
    fails(withTensor(outside("weights.bin")), /keeps its data in "weights.bin", which is not there/);
    for (const location of ["", "../w", "a/../../w", "/etc/passwd", "c:\\w", "a\\b", "w\0", "a//b", "w/"])
      fails(withTensor(outside(location)), /not a file of the model's folder/);
    const huge = "9007199254740993";
    fails(withTensor({ name: "t", dims: [huge, 0], data_type: 1 }), /more than 53 bits/);
    fails(withTensor({ name: "t", dims: [2 ** 40, 2 ** 40, 0], data_type: 1 }), /is impossible/);
    fails(withTensor({ name: "t", dims: [2 ** 40], data_type: 1 }), /holds 0 bytes, its shape/);
    fails(withTensor({ name: "t", dims: [1], data_type: 1, float_data: [1], raw_data: new Uint8Array(4) }), /twice/);
    fails(withTensor({ name: "t", dims: [2], data_type: 8, string_data: [new Uint8Array(1)] }), /holds 1 strings/);
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
      { numRuns: 1000 },
    );
  });
});
