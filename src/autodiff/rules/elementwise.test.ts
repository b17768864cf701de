import { expect, test } from "vitest";
import { checkGradient } from "../../../test/gradient-check.ts";

test("sums and products of broadcast shapes", async () => {
  for (const op of ["Add", "Mul"]) {
    for (const [a, b] of [
      [
        [2, 3],
        [2, 3],
      ],
      [[2, 3], [3]],
      [
        [2, 3],
        [2, 1],
      ],
      [[2, 3], []],
      [[3], [4, 2, 3]],
      [
        [2, 1],
        [1, 3],
      ],
      [[1, 1], [4]],
      [[0, 3], [3]],
    ] as const) {
      await checkGradient({ op, inputs: [{ dims: a }, { dims: b }] });
    }
  }
});

test("a wrong gradient is found", async () => {
  await expect(checkGradient({ op: "Exp", inputs: [{ dims: [2] }], tolerance: 1e-12 })).rejects.toThrow(
    "finite difference",
  );
});
