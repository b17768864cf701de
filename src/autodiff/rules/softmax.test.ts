import { test } from "vitest";
import { checkGradient } from "../../../test/gradient-check.ts";

test("softmax and its logarithm along any axis", async () => {
  for (const op of ["Softmax", "LogSoftmax"]) {
    await checkGradient({ op, inputs: [{ dims: [3, 5] }] });
    for (const axis of [0, 1, -1]) await checkGradient({ op, attributes: { axis }, inputs: [{ dims: [2, 3, 4] }] });
    await checkGradient({ op, inputs: [{ dims: [1] }] });
    await checkGradient({ op, inputs: [{ dims: [0, 3] }] });
  }
});

test("masked entries, and rows that are masked throughout", async () => {
  const data = [1, -1e9, 0.5, -1e9, -1e9, -1e9];
  await checkGradient({ op: "Softmax", inputs: [{ dims: [2, 3], data }] });
});
