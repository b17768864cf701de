// What gradients cost in ONNX Runtime, on two threads: a weight's product over all rows, by transA and as the rules make
// it, and a step of recurrent layers, forward alone and with its gradients (50 steps, 128 sequences, 64 units).

import { bench } from "mitata";
import { differentiate } from "../src/autodiff/differentiate.ts";
import { productOverRows } from "../src/autodiff/over-rows.ts";
import { createRng } from "../src/base/rng.ts";
import { buildGraph } from "../src/graph/builder.ts";
import { type Ops, opsOn } from "../src/graph/ops.ts";
import { elements, float32 } from "../src/graph/tensor.ts";
import { typedBuilder } from "../src/graph/typed-builder.ts";
import { onnxRuntime } from "../src/node/onnx-runtime.ts";
import { encodeOnnx } from "../src/onnx/encode.ts";

const runtime = onnxRuntime({ threads: 2 });
const rng = createRng("gradients");

async function add(
  name: string,
  inputs: Readonly<Record<string, readonly number[]>>,
  outputs: (g: Ops) => readonly string[],
) {
  const g = opsOn(typedBuilder(buildGraph("bench", 21).graph));
  for (const [input, dims] of Object.entries(inputs)) g.input(input, "float32", dims);
  for (const [i, value] of outputs(g).entries()) g.output(value, `out${i}`);
  const session = await runtime.open(encodeOnnx(g.graph));
  const feeds = Object.fromEntries(
    Object.entries(inputs).map(([input, dims]) => [
      input,
      float32(
        dims,
        new Float32Array(elements(dims)).map(() => rng.normal() / 8),
      ) as { dtype: "float32"; dims: readonly number[]; data: Float32Array },
    ]),
  );
  bench(name, async () => {
    await session.run(feeds);
  });
}

for (const [rows, m, n] of [
  [4096, 400, 400],
  [6400, 192, 64],
  [6400, 64, 64],
] as const) {
  const inputs = { x: [rows, m], y: [rows, n] };
  await add(`transA ${rows} rows, ${m}×${n}`, inputs, (g) => [g.gemm("x", "y", undefined, { transA: true })]);
  await add(`productOverRows ${rows} rows, ${m}×${n}`, inputs, (g) => [productOverRows(g, "x", "y")]);
}

const [steps, batch, units] = [50, 128, 64];
for (const [op, gates, attributes] of [
  ["GRU", 3, { linear_before_reset: 1 }],
  ["LSTM", 4, {}],
] as const) {
  const wide = gates * units;
  const inputs = { x: [steps, batch, units], w: [1, wide, units], r: [1, wide, units], b: [1, 2 * wide] };
  const names = Object.keys(inputs);
  const loss = (g: Ops) => g.sum(g.square(g.node(op, names, { hidden_size: units, ...attributes })), []);
  await add(`${op} forward`, inputs, (g) => [loss(g)]);
  await add(`${op} forward and backward`, inputs, (g) => [...differentiate(g, loss(g), names).values()]);
}
