import { expect, test } from "vitest";
import { buildGraph } from "./builder.ts";
import { countFlops } from "./flops.ts";
import type { Attribute } from "./graph.ts";
import { type Ops, opsOn } from "./ops.ts";
import { float32 } from "./tensor.ts";
import { typedBuilder } from "./typed-builder.ts";

const batch = 3;
/** Operations of what `build` appends to inputs of the shapes. */
function flopsOf(shapes: readonly (readonly number[])[], build: (g: Ops, x: readonly string[]) => string): number {
  const g = opsOn(typedBuilder(buildGraph("flops", 21).graph, { batch }));
  build(
    g,
    shapes.map((dims, i) => g.input(`x${i}`, "float32", [...dims])),
  );
  return countFlops(g.graph, { batch });
}

test.each<[string, number[][], (g: Ops, x: readonly string[]) => string, number]>([
  [
    "a batched product",
    [
      [5, 2, 7],
      [5, 7, 3],
    ],
    (g, [a, b]) => g.matmul(a!, b!),
    2 * 5 * 2 * 7 * 3,
  ],
  ["a dot product", [[7], [7]], (g, [a, b]) => g.matmul(a!, b!), 2 * 7],
  ["Gemm with a bias", [[2, 7], [7, 3], [3]], (g, [a, b, c]) => g.gemm(a!, b!, c), 2 * 2 * 7 * 3 + 2 * 3],
  [
    "Gemm of a transposed matrix",
    [
      [7, 2],
      [7, 3],
    ],
    (g, [a, b]) => g.gemm(a!, b!, undefined, { transA: true }),
    2 * 2 * 7 * 3,
  ],
  [
    "a broadcast sum",
    [
      [4, 1],
      [1, 5],
    ],
    (g, [a, b]) => g.add(a!, b!),
    20,
  ],
  ["a sum over an axis", [[4, 5]], (g, [a]) => g.sum(a!, [1]), 20],
  ["what only moves numbers", [[4, 5]], (g, [a]) => g.concat([g.transpose(a!, [1, 0]), g.reshape(a!, [5, 4])], 0), 0],
])("%s", (_, shapes, build, expected) => {
  expect(flopsOf(shapes, build)).toBe(expected);
});

const node =
  (op: string, attributes: Record<string, Attribute> = {}) =>
  (g: Ops, x: readonly string[]) =>
    g.node(op, [...x], attributes);

test.each<[string, number[][], number]>([
  [
    "bij,bjk->bik",
    [
      [5, 2, 7],
      [5, 7, 3],
    ],
    2 * 5 * 2 * 7 * 3,
  ],
  [
    "...ij,...jk->...ik",
    [
      [5, 2, 7],
      [5, 7, 3],
    ],
    2 * 5 * 2 * 7 * 3,
  ],
  [
    "ij,jk",
    [
      [2, 7],
      [7, 3],
    ],
    2 * 2 * 7 * 3,
  ],
  ["i,j->ij", [[2], [3]], 2 * 2 * 3],
  ["ij->i", [[2, 3]], 2 * 3],
])("Einsum %s", (equation, shapes, expected) => {
  expect(flopsOf(shapes, node("Einsum", { equation }))).toBe(expected);
});

test("a recurrent layer counts its two products a step", () => {
  const [steps, width, hidden] = [6, 5, 4];
  const shapes = [
    [steps, batch, width],
    [1, 3 * hidden, width],
    [1, 3 * hidden, hidden],
  ];
  const flops = flopsOf(shapes, node("GRU", { hidden_size: hidden }));
  expect(flops).toBe(2 * steps * batch * 3 * hidden * (width + hidden));
});

test("a convolution counts its kernel at every output, by group", () => {
  const shapes = [
    [2, 4, 10],
    [6, 2, 3],
  ];
  expect(flopsOf(shapes, node("Conv", { group: 2, kernel_shape: [3] }))).toBe(2 * (2 * 6 * 8) * (2 * 3));
});

test("what folds to a constant costs nothing, and the batch is as bound", () => {
  const g = opsOn(typedBuilder(buildGraph("flops", 21).graph, { batch }));
  const x = g.input("x", "float32", ["batch", 4]);
  const shape = g.node("Shape", [x]);
  g.node("Mul", [shape, shape]);
  g.matmul(x, g.constant("w", float32([4, 5], new Float32Array(20))));
  for (const size of [1, 9]) expect(countFlops(g.graph, { batch: size })).toBe(2 * size * 4 * 5);
});
