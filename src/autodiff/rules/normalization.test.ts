import { test } from "vitest";
import { checkGradient } from "../../../test/gradient-check.ts";

const positive = [0.5, 2] as const;

test("LayerNormalization over one axis and several, with and without a bias", async () => {
  for (const [axis, normal] of [
    [-1, [4]],
    [1, [3, 4]],
    [0, [2, 3, 4]],
  ] as const) {
    const inputs = [{ dims: [2, 3, 4] }, { dims: normal, range: positive }, { dims: normal }];
    await checkGradient({ op: "LayerNormalization", attributes: { axis }, inputs });
    await checkGradient({ op: "LayerNormalization", attributes: { axis }, inputs: inputs.slice(0, 2) });
  }
  const inputs = [{ dims: [5, 4] }, { dims: [4] }];
  await checkGradient({ op: "LayerNormalization", attributes: { epsilon: { float: 0.1 } }, inputs });
});

test("LayerNormalization whose mean and deviation are read too, or alone", async () => {
  const inputs = [{ dims: [3, 4] }, { dims: [4] }, { dims: [4] }];
  for (const read of [[0, 1, 2], [1], [2]]) {
    await checkGradient({ op: "LayerNormalization", inputs, outputs: 3, read });
  }
});

test("BatchNormalization by the batch's statistics", async () => {
  for (const dims of [
    [5, 3],
    [2, 3, 4],
    [2, 3, 2, 2],
  ]) {
    const [channel, x] = [{ dims: [3] }, { dims }];
    const statistics = [
      { ...channel, constant: true },
      { ...channel, range: positive, constant: true },
    ];
    await checkGradient({
      op: "BatchNormalization",
      attributes: { training_mode: 1 },
      inputs: [x, channel, channel, ...statistics],
      outputs: 3,
      read: [0],
    });
  }
});

test("BatchNormalization by given statistics", async () => {
  for (const dims of [
    [5, 3],
    [2, 3, 4],
  ]) {
    const channel = { dims: [3] };
    const inputs = [{ dims }, channel, channel, channel, { dims: [3], range: positive }];
    await checkGradient({ op: "BatchNormalization", inputs });
    await checkGradient({ op: "BatchNormalization", inputs, wrt: [0] });
  }
});

test("InstanceNormalization and GroupNormalization", async () => {
  const channel = { dims: [4] };
  for (const dims of [
    [2, 4, 3],
    [2, 4, 2, 2],
  ]) {
    await checkGradient({ op: "InstanceNormalization", inputs: [{ dims }, channel, channel] });
    await checkGradient({
      op: "GroupNormalization",
      attributes: { num_groups: 2 },
      single: true,
      inputs: [{ dims }, channel, channel],
    });
  }
});

test("LpNormalization", async () => {
  for (const p of [1, 2]) {
    for (const axis of [0, -1]) {
      await checkGradient({ op: "LpNormalization", attributes: { p, axis }, inputs: [{ dims: [3, 4] }] });
    }
  }
});
