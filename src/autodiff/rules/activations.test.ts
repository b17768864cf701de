import { expect, test } from "vitest";
import { checkGradient, tensorOf } from "../../../test/gradient-check.ts";
import { runGraph } from "../../../test/run-graph.ts";
import { buildGraph } from "../../graph/builder.ts";
import { opsOn } from "../../graph/ops.ts";
import { typedBuilder } from "../../graph/typed-builder.ts";
import { differentiate } from "../differentiate.ts";

const x = { dims: [3, 7], range: [-4, 4] } as const;

test("activations at their defaults, on any shape", async () => {
  for (const op of [
    ...["Relu", "LeakyRelu", "Elu", "Selu", "Celu", "Sigmoid", "Tanh", "Softplus", "Softsign"],
    ...["HardSigmoid", "HardSwish", "Mish", "Gelu"],
  ]) {
    await checkGradient({ op, inputs: [x] });
    await checkGradient({ op, inputs: [{ dims: [] }] });
  }
});

test("activations with other parameters", async () => {
  await checkGradient({ op: "LeakyRelu", attributes: { alpha: { float: 0.3 } }, inputs: [x] });
  await checkGradient({ op: "LeakyRelu", attributes: { alpha: { float: -1.5 } }, inputs: [x] });
  for (const op of ["Elu", "Celu"]) await checkGradient({ op, attributes: { alpha: { float: 1.7 } }, inputs: [x] });
  await checkGradient({ op: "Selu", attributes: { alpha: { float: 1.2 }, gamma: { float: 0.7 } }, inputs: [x] });
  await checkGradient({ op: "HardSigmoid", attributes: { alpha: { float: 0.4 }, beta: { float: 0.3 } }, inputs: [x] });
  await checkGradient({ op: "Gelu", attributes: { approximate: "tanh" }, inputs: [x] });
});

test("PRelu with a slope for all, for each channel, for each element", async () => {
  for (const dims of [[], [1], [3, 1], [2, 3, 2]]) {
    await checkGradient({ op: "PRelu", inputs: [{ dims: [2, 3, 2] }, { dims }] });
  }
});

test("Relu passes the least and the largest numbers, and nothing at 0", async () => {
  const g = opsOn(typedBuilder(buildGraph("relu", 21).graph));
  const values = [2 ** -126, 3e38, Number.POSITIVE_INFINITY, 0, -0, -(2 ** -126), -3e38];
  const input = g.input("x", "float32", [values.length]);
  g.output(differentiate(g, g.sum(g.relu(input), []), [input]).get(input)!, "dx");
  expect((await runGraph(g.graph, { x: tensorOf([values.length], values) })).dx).toEqual([1, 1, 1, 0, 0, 0, 0]);
});
