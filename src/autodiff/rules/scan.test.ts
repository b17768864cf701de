import { test } from "vitest";
import { checkGradient } from "../../../test/gradient-check.ts";

test.each([
  [0, 0, 0],
  [0, 1, 1],
  [1, 0, -1],
  [1, 1, -2],
])("CumSum: exclusive %i, reverse %i, axis %i", (exclusive, reverse, axis) =>
  checkGradient({
    op: "CumSum",
    attributes: { exclusive, reverse },
    inputs: [{ dims: [3, 4] }, { dims: [], dtype: "int64", data: [axis] }],
  }),
);

test.each([
  [1, 0],
  [0, 1],
  [1, -1],
  [0, -2],
])("Trilu: upper %i, diagonal %i", (upper, k) =>
  checkGradient({
    op: "Trilu",
    attributes: { upper },
    inputs: [{ dims: [2, 3, 4] }, { dims: [], dtype: "int64", data: [k] }],
  }),
);
