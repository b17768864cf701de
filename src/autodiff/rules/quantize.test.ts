import fc from "fast-check";
import { expect, test } from "vitest";
import { type CheckInput, checkGradient } from "../../../test/gradient-check.ts";
import { buildGraph } from "../../graph/builder.ts";
import { opsOn } from "../../graph/ops.ts";
import type { RunTensor } from "../../graph/runtime.ts";
import { float32, type GraphTensor } from "../../graph/tensor.ts";
import { typedBuilder } from "../../graph/typed-builder.ts";
import { onnxRuntime } from "../../node/onnx-runtime.ts";
import { encodeOnnx } from "../../onnx/encode.ts";
import { differentiate } from "../differentiate.ts";

type Integer = "int8" | "uint8";
interface FakeQuantized {
  readonly x: readonly number[];
  readonly scale: readonly number[];
  readonly zero: readonly number[];
  readonly weights: readonly number[];
}

/** Gradients of sum(weights · DequantizeLinear(QuantizeLinear(x))), x having a row a sample and a scale a column. */
async function fakeQuantized(kind: Integer, values: FakeQuantized): Promise<Record<string, number[]>> {
  const columns = values.scale.length;
  const shapes = { x: [values.x.length / columns, columns], scale: [columns], zero: [columns] };
  const g = opsOn(typedBuilder(buildGraph("fake", 21).graph));
  for (const [name, dims] of Object.entries(shapes)) g.input(name, "float32", dims);
  // A zero point that is learned is a float that is rounded as well.
  const nought: GraphTensor = { dtype: kind, dims: [], data: kind === "int8" ? new Int8Array(1) : new Uint8Array(1) };
  const zero = g.node("QuantizeLinear", ["zero", g.scalar(1), g.constant("nought", nought)]);
  const q = g.node("QuantizeLinear", ["x", "scale", zero], { axis: 1 });
  const y = g.node("DequantizeLinear", [q, "scale", zero], { axis: 1 });
  const weighted = g.mul(y, g.float("weights", shapes.x, Float32Array.from(values.weights)));
  const found = differentiate(g, g.sum(weighted, []), Object.keys(shapes));
  for (const [name, gradient] of found) g.output(gradient, `d${name}`);
  const session = await onnxRuntime({ threads: 1 }).open(encodeOnnx(g.graph));
  const results = await session.run(
    Object.fromEntries(
      (["x", "scale", "zero"] as const).map((name) => [name, float32(shapes[name], Float32Array.from(values[name]))]),
    ) as Record<string, RunTensor>,
  );
  await session.close();
  return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, Array.from(data, Number)]));
}

test("QuantizeLinear → DequantizeLinear: the gradients of learned step sizes (arXiv 1902.08153)", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.float({ min: -40, max: 40, noNaN: true }), { minLength: 6, maxLength: 6 }),
      fc.constantFrom("int8", "uint8"),
      fc.integer({ min: 1, max: 9 }),
      async (values, dtype, zero) => {
        const [low, high] = dtype === "int8" ? [-128, 127] : [0, 255];
        const scale = [0.25, 0.125, 0.0625];
        const weights = [1, -2, 3, 0.5, -1, 2];
        const got = await fakeQuantized(dtype, { x: values, scale, zero: [zero, zero, zero], weights });
        const [dscale, dzero] = [
          [0, 0, 0],
          [0, 0, 0],
        ];
        const dx = values.map((x, i) => {
          const [column, w] = [i % 3, weights[i]!];
          const ratio = x / scale[column]!;
          const floor = Math.floor(ratio);
          const rounded = ratio - floor === 0.5 ? floor + (Math.abs(floor) % 2) : Math.round(ratio);
          const at = rounded + zero;
          const inside = at >= low && at <= high;
          dscale[column]! += w * (inside ? rounded - ratio : (at < low ? low : high) - zero);
          dzero[column]! -= inside ? 0 : w * scale[column]!;
          return inside ? w : 0;
        });
        expect(got["dx"]).toEqual(dx);
        expect(got["dzero"]!.map((d) => d + 0)).toEqual(dzero.map((d) => d + 0));
        // A float32 sum of two products below 300.
        for (const [i, d] of dscale.entries()) expect(Math.abs(got["dscale"]![i]! - d)).toBeLessThan(1e-3);
      },
    ),
    { seed: 8, numRuns: 20 },
  ));

const levels: CheckInput = { dims: [2, 3], dtype: "int8", data: [-5, 0, 7, 127, -128, 1] };

test.each([
  ["one scale", { dims: [] }, null, {}],
  ["a scale and a zero point", { dims: [] }, { dims: [], dtype: "int8", data: [3] }, {}],
  ["a scale an axis", { dims: [2] }, { dims: [2], dtype: "int8", data: [3, -4] }, { axis: -2 }],
] as const)("DequantizeLinear: %s", (_name, scale, zero, attributes) =>
  checkGradient({ op: "DequantizeLinear", attributes, inputs: [levels, scale, zero], tolerance: 1e-2, single: true }),
);

test("QuantizeLinear: scales by block are refused", () =>
  expect(
    checkGradient({
      op: "DequantizeLinear",
      attributes: { axis: 1, block_size: 3 },
      inputs: [levels, { dims: [2, 1] }],
    }),
  ).rejects.toThrow("DequantizeLinear y: scales by block have no gradient rule; use one scale or one an axis."));

test("DynamicQuantizeLinear → DequantizeLinear passes the gradient", async () => {
  const g = opsOn(typedBuilder(buildGraph("dynamic", 21).graph));
  const x = g.input("x", "float32", [4]);
  const [q, scale, zero] = g.nodes("DynamicQuantizeLinear", [x], {}, 3) as [string, string, string];
  const y = g.node("DequantizeLinear", [q, scale, zero]);
  const dx = differentiate(g, g.sum(g.mul(y, g.float("w", [4], Float32Array.of(1, -2, 3, 4))), []), ["x"]).get("x")!;
  g.output(dx, "dx");
  const session = await onnxRuntime({ threads: 1 }).open(encodeOnnx(g.graph));
  const found = await session.run({ x: { dtype: "float32", dims: [4], data: Float32Array.of(-1, 0, 0.5, 2) } });
  await session.close();
  for (const [i, want] of [1, -2, 3, 4].entries()) expect(found["dx"]!.data[i]).toBeCloseTo(want, 5);
});
