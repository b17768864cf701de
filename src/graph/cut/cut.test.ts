// What is gone of an input is followed through graphs of every shape, or refused with the operator's name.

import fc from "fast-check";
import { expect, test } from "vitest";
import { runGraph } from "../../../test/run-graph.ts";
import { createRng } from "../../base/rng.ts";
import { buildGraph } from "../builder.ts";
import type { Graph } from "../graph.ts";
import { type Ops, opsOn } from "../ops.ts";
import { elements, float32 } from "../tensor.ts";
import { typedBuilder } from "../typed-builder.ts";
import { verify } from "../verify.ts";
import { cutGraph } from "./cut.ts";
import { mask, sliceTensor } from "./gone.ts";

const rng = createRng("cut");
const drawn = (...dims: number[]) =>
  float32(
    dims,
    Float32Array.from({ length: elements(dims) }, () => rng.normal()),
  );

const width = 12;
const rows = 5;
const x = drawn(rows, width);

function build(of: (g: Ops, x: string) => string): Graph {
  const graph = buildGraph("cut", 21).graph;
  const g = opsOn(typedBuilder(graph, { batch: 7919 }));
  const y = of(g, g.input("x", "float32", ["batch", width]));
  g.output(y, "y", ["batch", g.dims(y)[1]!]);
  return graph;
}

/** The graph without these columns answers as it did where they are 0. */
async function expectFollowed(graph: Graph, columns: readonly number[]): Promise<Graph> {
  const gone = mask(width, columns);
  const cut = cutGraph(graph, { gone: new Map([["x", new Map([[1, gone]])]]) });
  verify(cut);
  const zeroed = float32(
    [rows, width],
    (x.data as Float32Array).map((value, i) => (gone[i % width] ? 0 : value)),
  );
  const [before, after] = [
    await runGraph(graph, { x: zeroed as never }),
    await runGraph(cut, { x: sliceTensor(x, new Map([[1, gone]])) as never }),
  ];
  expect(after["y"]).toHaveLength(before["y"]!.length);
  for (const [i, value] of before["y"]!.entries()) expect(after["y"]![i]).toBeCloseTo(value, 3);
  return cut;
}

/** Ways to move the numbers of [batch, 4, 3], of which some of the four are gone. */
const moves: Readonly<Record<string, (g: Ops, v: string) => string>> = {
  turn: (g, v) => g.reshape(g.transpose(v, [0, 2, 1]), [0, width]),
  stack: (g, v) => g.reshape(g.concat([v, g.mul(v, v)], 1), [-1, 2 * width]),
  halves: (g, v) => g.flatten(g.concat([...g.split(v, 1, [1, 3])].reverse(), 1)),
  slice: (g, v) => g.flatten(g.slice(v, 1, 1, 4)),
  pick: (g, v) => g.flatten(g.gather(v, g.ints(3, 0, 3), 1)),
  products: (g, v) => g.flatten(g.matmul(v, g.transpose(v, [0, 2, 1]))),
  sums: (g, v) => g.add(g.sum(v, [1]), g.sum(g.squeeze(g.unsqueeze(v, 1), 1), [1])),
  gates: (g, v) =>
    g.flatten(g.mul(v, g.sigmoid(g.reshape(g.gemm(g.flatten(v), g.constant("gate", drawn(width, width))), [0, 4, 3])))),
  // x₀ ⊙ (x W + b) + x, as DCN-V2 has it.
  cross: (g, v) => {
    const flat = g.flatten(v);
    return g.add(
      g.mul(flat, g.gemm(flat, g.constant("cross", drawn(width, width)), g.constant("bias", drawn(width)))),
      flat,
    );
  },
};

test.each(Object.keys(moves))("%s", async (name) => {
  const graph = build((g, v) => {
    const moved = moves[name]!(g, g.reshape(v, [0, 4, 3]));
    return g.gemm(g.relu(moved), g.constant("w", drawn(g.dims(moved)[1]!, 2)));
  });
  await fc.assert(
    fc.asyncProperty(fc.subarray([0, 1, 2, 3], { minLength: 1, maxLength: 2 }), async (fields) => {
      const cut = await expectFollowed(
        graph,
        fields.flatMap((f) => [3 * f, 3 * f + 1, 3 * f + 2]),
      );
      expect(cut.inputs[0]!.shape).toEqual(["batch", width - 3 * fields.length]);
      expect(elements(cut.initializers.get("w")?.dims ?? [])).toBeLessThanOrEqual(
        elements(graph.initializers.get("w")!.dims),
      );
    }),
    { numRuns: 4, seed: 7 },
  );
});

const fields = new Map([["x", new Map([[1, mask(width, [0, 1, 2])]])]]);

test.each<[RegExp, (g: Ops, v: string) => string]>([
  [/output "y" would lose a part/, (g, v) => g.relu(v)],
  [/LayerNormalization.*normalise fewer numbers/, (g, v) => g.layerNorm(v, g.constant("scale", drawn(width)))],
  [/Add.*something that stays/, (g, v) => g.add(v, g.gemm(v, g.constant("w", drawn(width, width))))],
  [/ReduceMax.*over what would go/, (g, v) => g.reduceMax(v, [1], true)],
  [/CumSum.*not known for this operator/, (g, v) => g.cumsum(v, 1)],
  [/Reshape.*lies across/, (g, v) => g.sum(g.reshape(v, [0, 2, 6]), [1])],
  [/Reshape.*joined with the batch/, (g, v) => g.reshape(g.reshape(v, [-1]), [-1, width])],
])("refused: %s", (sentence, of) => {
  const graph = build(of);
  const before = JSON.stringify(graph.nodes);
  expect(() => cutGraph(graph, { gone: fields })).toThrow(sentence);
  expect(JSON.stringify(graph.nodes)).toBe(before);
});

test("an input that goes altogether leaves the graph, unless its shape is read", () => {
  const two = (read: (g: Ops, v: string) => string) => {
    const graph = buildGraph("two", 21).graph;
    const g = opsOn(typedBuilder(graph, { batch: 7919 }));
    const [a, b] = [g.input("a", "float32", ["batch", 2]), g.input("b", "float32", ["batch", 3])];
    g.output(g.gemm(g.concat([a, read(g, b)], 1), g.constant("w", drawn(5, 1))), "y", ["batch", 1]);
    return graph;
  };
  const cut = cutGraph(
    two((g, v) => g.relu(v)),
    { gone: new Map([["b", "all"]]) },
  );
  expect(cut.inputs.map(({ name }) => name)).toEqual(["a"]);
  expect(cut.initializers.get("w")!.dims).toEqual([2, 1]);
  const shaped = two((g, v) => g.node("Expand", [g.float("zero", [1, 3], new Float32Array(3)), g.node("Shape", [v])]));
  expect(() => cutGraph(shaped, { gone: new Map([["b", "all"]]) })).toThrow(/Shape.*reads the shape of what would go/);
});
