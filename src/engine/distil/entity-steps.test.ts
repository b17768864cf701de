import { expect, test } from "vitest";
import { everyNth } from "./entity-steps.ts";

const none = { user: new Int32Array(0), item: new Int32Array(0) };

test("a step in every third batch stands for three: the same sum of scales", async () => {
  const scales: number[] = [];
  const step = everyNth(3, async (_, scale) => {
    scales.push(scale);
    return scale;
  });
  const losses = [];
  for (let batch = 0; batch < 7; batch++) losses.push(await step(none, 0.5, batch / 7));
  expect(losses).toEqual([1.5, 0, 0, 1.5, 0, 0, 1.5]);
  expect(scales).toEqual([1.5, 1.5, 1.5]);
});
