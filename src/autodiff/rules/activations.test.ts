import { test } from "vitest";
import { checkGradient } from "../../../test/gradient-check.ts";

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
