import { expect, test } from "vitest";
import { createRng } from "../base/rng.ts";
import { fitLevels, levelRows } from "./few-levels.ts";
import { openSharedKernels } from "./open-shared.ts";

const kernels = await openSharedKernels();
const [rows, cols] = [7, 33];
const spaces = () => kernels.scope();
const numbers = () => {
  const rng = createRng(5);
  return spaces().copy(Float32Array.from({ length: rows * cols }, () => rng.normal()));
};

test.each([[[-1, 1]], [[-1, 0, 1]], [[-1, -0.3, 0.3, 1]]])(
  "levels %j: the nearest, and the best scale of them",
  (given) => {
    const [x, rise] = [numbers(), 1.7];
    const into = {
      ...{ cols, levels: spaces().copy(Float32Array.from(given)) },
      ...{ digits: spaces().u8(rows * cols), scales: spaces().f32(rows) },
    };
    fitLevels(kernels, x, rise, into);
    const out = spaces().f32(rows * cols);
    levelRows(kernels, into, out);
    for (let r = 0; r < rows; r++) {
      const row = [...x.subarray(r * cols, (r + 1) * cols)];
      const unit = rise * Math.sqrt(row.reduce((sum, v) => sum + v * v, 0) / cols);
      const nearest = row.map((v) => given.reduce((a, b) => (Math.abs(v - unit * b) < Math.abs(v - unit * a) ? b : a)));
      const scale =
        row.reduce((sum, v, c) => sum + v * nearest[c]!, 0) / nearest.reduce((sum, level) => sum + level * level, 0);
      expect(into.scales[r]).toBeCloseTo(scale, 5);
      nearest.forEach((level, c) => {
        expect(out[r * cols + c]).toBeCloseTo(scale * level, 5);
      });
    }
  },
);

test("arrays of other sizes are refused", () => {
  const into = { cols, levels: spaces().f32(2), digits: spaces().u8(rows * cols - 1), scales: spaces().f32(rows) };
  expect(() => fitLevels(kernels, numbers(), 1, into)).toThrow(/digits/);
  expect(() => levelRows(kernels, into, numbers())).toThrow(/digits/);
});
