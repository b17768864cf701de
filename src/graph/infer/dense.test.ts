// linear.ts, normalize.ts, reduce.ts, recurrent.ts, quantize.ts, convolve.ts and microsoft.ts against ONNX Runtime.

import fc from "fast-check";
import { describe, test } from "vitest";
import { agree, agrees, dimsOf, indices, type NodeCase, reals, wholes } from "../../../test/infer-check.ts";
import { elements, float32, type GraphTensor, int64 } from "../tensor.ts";

const bytes = (dims: readonly number[], dtype: "uint8" | "int8" = "uint8"): GraphTensor =>
  dtype === "uint8"
    ? { dtype, dims, data: new Uint8Array(elements(dims)).fill(3) }
    : { dtype, dims, data: new Int8Array(elements(dims)).fill(-3) };
const scales = (dims: readonly number[]) => float32(dims, new Float32Array(elements(dims)).fill(0.5));
const all = (cases: readonly NodeCase[]) => agrees(...cases);

describe("linear.ts", () => {
  const products: [number[], number[]][] = [
    [
      [2, 3],
      [3, 4],
    ],
    [[3], [3, 4]],
    [[2, 3], [3]],
    [[3], [3]],
    [
      [5, 2, 3],
      [3, 4],
    ],
    [
      [5, 1, 2, 3],
      [7, 3, 4],
    ],
    [[3], [5, 3, 2]],
  ];
  test.each(products)("MatMul %j × %j", (a, b) => agrees({ op: "MatMul", inputs: [reals(a), reals(b)] }));
  test("MatMulInteger", () => agrees({ op: "MatMulInteger", inputs: [bytes([2, 3]), bytes([3, 4], "int8")] }));
  test("Gemm with each side turned, with and without c", async () => {
    for (const [transA, transB] of [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ] as const) {
      const inputs = [reals(transA ? [3, 2] : [2, 3]), reals(transB ? [4, 3] : [3, 4])];
      await agrees({ op: "Gemm", inputs, attributes: { transA, transB } });
      await agrees({ op: "Gemm", inputs: [...inputs, reals([4])], attributes: { transA, transB } });
      await agrees({ op: "Gemm", inputs: [...inputs, reals([2, 1])], attributes: { transA, transB } });
    }
  });
  test.each([
    [
      "ij,jk->ik",
      [
        [2, 3],
        [3, 4],
      ],
    ],
    [
      "ij,jk",
      [
        [2, 3],
        [3, 4],
      ],
    ],
    [
      "bhld,bhmd->bhlm",
      [
        [2, 2, 3, 4],
        [2, 2, 5, 4],
      ],
    ],
    [
      "...ij,jk->...ik",
      [
        [2, 5, 3, 4],
        [4, 6],
      ],
    ],
    ["ij->", [[2, 3]]],
    ["ij->ji", [[2, 3]]],
    [
      "bi,bj->bij",
      [
        [2, 3],
        [2, 4],
      ],
    ],
    ["i, j , k -> kij", [[2], [3], [4]]],
    ["ii->i", [[3, 3]]],
  ] as [string, number[][]][])("Einsum %s", (equation, shapes) =>
    agrees({ op: "Einsum", inputs: shapes.map(reals), attributes: { equation } }),
  );
});

describe("normalize.ts", () => {
  test.each(["Softmax", "LogSoftmax", "Hardmax", "LpNormalization"])("%s", (op) =>
    agree(dimsOf(1, 4).map((dims) => ({ op, inputs: [reals(dims)], attributes: { axis: dims.length > 1 ? 1 : -1 } }))),
  );
  test("LayerNormalization with its moments", () =>
    all(
      [-1, 1, 2].map((axis) => {
        const normal = [2, 3, 4].slice(axis);
        return {
          op: "LayerNormalization",
          inputs: [reals([2, 3, 4]), reals(normal), reals(normal)],
          attributes: { axis },
          outputs: 3,
        };
      }),
    ));
  test("BatchNormalization, both modes", async () => {
    const inputs = [reals([2, 3, 4]), ...[1, 2, 3, 4].map(() => scales([3]))];
    await agrees({ op: "BatchNormalization", inputs });
    await agrees({ op: "BatchNormalization", inputs, attributes: { training_mode: 1 }, outputs: 3 });
  });
  test("InstanceNormalization, GroupNormalization", async () => {
    const inputs = [reals([2, 4, 5]), scales([4]), scales([4])];
    await agrees({ op: "InstanceNormalization", inputs });
    await agrees({ op: "GroupNormalization", inputs, attributes: { num_groups: 2 } });
  });
  test("Dropout with its mask", () => agrees({ op: "Dropout", inputs: [reals([2, 3])], outputs: 2 }));
});

describe("reduce.ts", () => {
  const names = "L1 L2 LogSum LogSumExp Max Mean Min Prod Sum SumSquare".split(" ").map((name) => `Reduce${name}`);
  test.each(names)("%s", (op) =>
    agree(
      dimsOf(0, 4).chain((dims) =>
        fc
          .tuple(fc.subarray([...dims.keys()]), fc.boolean(), fc.boolean(), fc.boolean())
          .map(([axes, keep, noop, back]) => ({
            op,
            inputs: axes.length
              ? [reals(dims), int64(...axes.map((axis) => (back ? axis - dims.length : axis)))]
              : [reals(dims)],
            fixed: [1],
            attributes: { keepdims: Number(keep), noop_with_empty_axes: Number(noop) },
          })),
      ),
      6,
    ),
  );
  test.each(["ReduceSum", "ReduceProd", "ReduceMax", "ReduceMin"])("%s of int64, folded", (op) =>
    agree(
      dimsOf(1, 4).chain((dims) =>
        fc.subarray([...dims.keys()], { minLength: 1 }).map((axes) => ({
          op,
          inputs: [wholes(dims), int64(...axes)],
          fixed: [1],
          folds: true,
        })),
      ),
      6,
    ),
  );
  test.each(["ArgMax", "ArgMin"])("%s", (op) =>
    agree(
      fc.tuple(dimsOf(1, 4), fc.boolean()).map(([dims, keep]) => ({
        op,
        inputs: [reals(dims)],
        attributes: { axis: dims.length - 1, keepdims: Number(keep) },
      })),
    ),
  );
  test("CumSum", () => agree(dimsOf(1, 3).map((dims) => ({ op: "CumSum", inputs: [reals(dims), int64(-1)] }))));
  test("TopK", () =>
    agree(
      dimsOf(1, 3).map((dims) => ({
        op: "TopK",
        inputs: [reals(dims), int64(1)],
        fixed: [1],
        attributes: { axis: 0 },
        outputs: 2,
      })),
    ));
});

test.each([
  ["RNN", 1],
  ["GRU", 3],
  ["LSTM", 4],
] as const)("%s in each direction and layout", async (op, gates) => {
  const outputs = op === "LSTM" ? 3 : 2;
  for (const direction of ["forward", "reverse", "bidirectional"]) {
    const d = direction === "bidirectional" ? 2 : 1;
    const inputs = [reals([5, 2, 3]), reals([d, gates * 4, 3]), reals([d, gates * 4, 4]), reals([d, gates * 8])];
    await agrees({ op, inputs, attributes: { hidden_size: 4, direction, ...activations(op, d) }, outputs });
  }
});

// The defaults, written out for two directions.
const activations = (op: string, directions: number) => ({
  activations: {
    strings: Array.from({ length: directions }, () =>
      op === "RNN" ? ["Tanh"] : op === "GRU" ? ["Sigmoid", "Tanh"] : ["Sigmoid", "Tanh", "Tanh"],
    ).flat(),
  },
});

describe("quantize.ts", () => {
  const x = reals([4, 6]);
  test("QuantizeLinear per tensor, per axis, in blocks", () =>
    all([
      { op: "QuantizeLinear", inputs: [x, scales([])] },
      { op: "QuantizeLinear", inputs: [x, scales([]), bytes([], "int8")] },
      { op: "QuantizeLinear", inputs: [x, scales([6]), bytes([6])], attributes: { axis: 1 } },
      { op: "QuantizeLinear", inputs: [x, scales([4])], attributes: { axis: 0, output_dtype: 3 } },
      { op: "QuantizeLinear", inputs: [x, scales([4, 2]), bytes([4, 2])], attributes: { axis: 1, block_size: 3 } },
    ]));
  test("DequantizeLinear per tensor, per axis, in blocks", () =>
    all([
      { op: "DequantizeLinear", inputs: [bytes([4, 6]), scales([])] },
      {
        op: "DequantizeLinear",
        inputs: [bytes([4, 6], "int8"), scales([4]), bytes([4], "int8")],
        attributes: { axis: 0 },
      },
      { op: "DequantizeLinear", inputs: [bytes([4, 6]), scales([2, 6])], attributes: { axis: 0, block_size: 2 } },
    ]));
  test("DynamicQuantizeLinear", () => agrees({ op: "DynamicQuantizeLinear", inputs: [x], outputs: 3 }));
});

describe("convolve.ts", () => {
  const image = reals([2, 4, 9, 8]);
  test("Conv", () =>
    all([
      { op: "Conv", inputs: [image, reals([6, 4, 3, 2])] },
      {
        op: "Conv",
        inputs: [image, reals([6, 2, 3, 3]), reals([6])],
        attributes: { group: 2, strides: [2, 1], pads: [1, 0, 2, 1] },
      },
      { op: "Conv", inputs: [image, reals([6, 4, 3, 3])], attributes: { auto_pad: "SAME_UPPER", strides: [2, 3] } },
      { op: "Conv", inputs: [image, reals([6, 4, 3, 3])], attributes: { auto_pad: "VALID", dilations: [2, 1] } },
      { op: "Conv", inputs: [reals([2, 3, 10]), reals([5, 3, 4])] },
    ]));
  test("ConvTranspose", () =>
    all([
      { op: "ConvTranspose", inputs: [image, reals([4, 3, 3, 2])] },
      {
        op: "ConvTranspose",
        inputs: [image, reals([4, 3, 3, 2]), reals([6])],
        attributes: { group: 2, strides: [2, 3], pads: [1, 0, 1, 1], output_padding: [1, 0] },
      },
      {
        op: "ConvTranspose",
        inputs: [image, reals([4, 3, 3, 2])],
        attributes: { strides: [2, 2], output_shape: [19, 17] },
      },
    ]));
  test.each(["MaxPool", "AveragePool"])("%s", (op) =>
    all(
      [
        {},
        { strides: [2, 2] },
        { strides: [2, 3], pads: [1, 1, 1, 0] },
        { strides: [2, 2], ceil_mode: 1 },
        { strides: [3, 3], ceil_mode: 1, pads: [1, 1, 1, 1] },
        { auto_pad: "SAME_LOWER", strides: [2, 2] },
      ].map((more) => ({
        op,
        inputs: [image],
        attributes: { kernel_shape: [3, 2], ...more },
        outputs: op === "MaxPool" ? 2 : 1,
      })),
    ),
  );
  test.each(["GlobalAveragePool", "GlobalMaxPool"])("%s", (op) => agrees({ op, inputs: [image] }));
});

describe("microsoft.ts", () => {
  const domain = "com.microsoft";
  const x = reals([2, 3, 32]);
  test.each(["Gelu", "FastGelu", "QuickGelu"])("%s", (op) => agrees({ op, domain, inputs: [x] }));
  test("BiasGelu", () => agrees({ op: "BiasGelu", domain, inputs: [x, reals([32])] }));
  test("SkipLayerNormalization", () =>
    agrees({ op: "SkipLayerNormalization", domain, inputs: [x, x, reals([32]), reals([32])] }));
  test("MatMulNBits", () =>
    agrees({
      op: "MatMulNBits",
      domain,
      inputs: [x, bytes([5, 2, 8]), scales([10])],
      fixed: [1, 2],
      attributes: { K: 32, N: 5, bits: 4, block_size: 16 },
    }));
  test("GatherBlockQuantized", () =>
    agrees({
      op: "GatherBlockQuantized",
      domain,
      inputs: [bytes([6, 16]), indices([2, 3], 6), scales([6, 2])],
      fixed: [0, 2],
      attributes: { bits: 4, block_size: 16, gather_axis: 0, quantize_axis: 1 },
    }));
  test("FusedMatMul", async () => {
    await agrees({
      op: "FusedMatMul",
      domain,
      inputs: [reals([5, 3, 2]), reals([5, 4, 3])],
      attributes: { transA: 1, transB: 1 },
    });
    await agrees({
      op: "FusedMatMul",
      domain,
      inputs: [reals([2, 5, 3]), reals([5, 3, 4])],
      attributes: { transBatchA: 1 },
    });
  });
});
