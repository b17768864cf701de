import { expect, test } from "vitest";
import { tensorOf } from "../../test/gradient-check.ts";
import { openGraph, runGraph } from "../../test/run-graph.ts";
import { buildGraph } from "../graph/builder.ts";
import { type Ops, opsOn } from "../graph/ops.ts";
import { elements } from "../graph/tensor.ts";
import { typedBuilder } from "../graph/typed-builder.ts";
import { differentiate } from "./differentiate.ts";

const fresh = (): Ops => opsOn(typedBuilder(buildGraph("test", 21).graph));
const ops = (g: Ops): string[] => g.graph.nodes.map((n) => n.op);

/** x of two numbers; their gradients under the loss that `build` makes of x. */
async function slopes(values: readonly number[], build: (g: Ops, x: string) => string): Promise<number[] | undefined> {
  const g = fresh();
  const x = g.input("x", "float32", [values.length]);
  const dx = differentiate(g, build(g, x), [x]).get(x);
  if (dx === undefined) return undefined;
  g.output(dx, "dx");
  return (await runGraph(g.graph, { x: tensorOf([values.length], values) })).dx;
}

const close = (got: readonly number[] | undefined, wanted: readonly number[]): void => {
  expect(got).toHaveLength(wanted.length);
  wanted.forEach((w, i) => {
    expect(got![i]).toBeCloseTo(w, 4);
  });
};

test("every use of a value adds to its gradient", async () => {
  // Σ x·x + 3x + x  has slope 2x + 4.
  const build = (g: Ops, x: string) => g.sum(g.add(g.add(g.mul(x, x), g.mul(g.scalar(3), x)), x), []);
  close(await slopes([1, -2], build), [6, 0]);
});

test("a shared expression is differentiated once", async () => {
  // e = eˣ; Σ e·e + e  has slope 2e² + e.
  const build = (g: Ops, x: string) => {
    const e = g.exp(x);
    return g.sum(g.add(g.mul(e, e), e), []);
  };
  close(await slopes([0, 1], build), [3, 2 * Math.E ** 2 + Math.E]);
  const g = fresh();
  const x = g.input("x", "float32", [2]);
  differentiate(g, build(g, x), [x]);
  // dy·y once, for all uses of e: one product in the rule of Exp, one in that of Mul for a square, one forward.
  expect(ops(g).filter((op) => op === "Mul")).toHaveLength(3);
});

test("a value that is an output of the graph, too", async () => {
  const g = fresh();
  const x = g.input("x", "float32", [2]);
  const y = g.square(x);
  g.output(y, "y");
  const loss = g.sum(y, []);
  g.output(loss, "loss");
  g.output(differentiate(g, loss, [x]).get(x)!, "dx");
  expect(await runGraph(g.graph, { x: tensorOf([2], [3, -1]) })).toEqual({ y: [9, 1], loss: [10], dx: [6, -2] });
});

test("outputs that nobody reads get no gradient, and their operators need no rule", async () => {
  const build = (g: Ops, x: string) => {
    g.node("Tan", [x]);
    g.exp(g.square(x));
    return g.sum(g.square(x), []);
  };
  close(await slopes([1, 2], build), [2, 4]);
  const g = fresh();
  const x = g.input("x", "float32", [2]);
  const loss = build(g, x);
  const forward = g.graph.nodes.length;
  differentiate(g, loss, [x]);
  expect(ops(g).slice(forward)).not.toContain("Exp");
});

test("a value that the loss does not depend on is absent", () => {
  const g = fresh();
  const [x, w] = [g.input("x", "float32", [2]), g.input("w", "float32", [2])];
  const gradients = differentiate(g, g.sum(g.square(x), []), [x, w]);
  expect([...gradients.keys()]).toEqual([x]);
});

test("integers on the way are constants", async () => {
  // int(x) · x has slope int(x): the integer is a constant.
  const build = (g: Ops, x: string) => g.sum(g.mul(g.cast(g.cast(x, "int64"), "float32"), x), []);
  close(await slopes([2.5, -3.5], build), [2, -3]);
  const rows = (g: Ops, x: string) => {
    const ids = g.cast(x, "int64");
    return g.sum(g.gather(g.float("table", [3], Float32Array.of(1, 2, 4)), ids, 0), []);
  };
  expect(await slopes([0, 2], rows)).toBeUndefined();
  const chosen = (g: Ops, x: string) => g.sum(g.where(g.greater(x, g.scalar(0)), g.square(x), g.scalar(5)), []);
  close(await slopes([3, -3], chosen), [6, 0]);
});

test("casts between floats pass the gradient, in the type of what was cast", async () => {
  close(await slopes([1, -2], (g, x) => g.sum(g.square(g.cast(g.cast(x, "float16"), "float32")), [])), [2, -4]);
  const half = (g: Ops) => g.cast(g.scalar(1), "float16");
  const like = (g: Ops, x: string) => g.cast(g.node("CastLike", [x, half(g)]), "float32");
  close(await slopes([1, -2], (g, x) => g.sum(g.mul(g.scalar(3), like(g, x)), [])), [3, 3]);
});

test("an operator without a rule is named when weights come before it, and only then", async () => {
  const g = fresh();
  const x = g.input("x", "float32", [2]);
  const loss = g.sum(g.node("Tan", [x], {}, "bend"), []);
  expect(() => differentiate(g, loss, [x])).toThrow("Tan bend: it has no gradient rule");
  close(await slopes([1, 2], (h, w) => h.sum(h.mul(w, h.node("Tan", [h.scalar(0.5)])), [])), [0.5463, 0.5463]);
});

test("of a node with several outputs only the read ones count", async () => {
  const build = (g: Ops, x: string) => {
    const [, low] = g.nodes("Split", [x], { axis: 0, num_outputs: 2 }, 2);
    return g.sum(g.square(low!), []);
  };
  close(await slopes([1, 2, 3, 4], build), [0, 0, 6, 8]);
});

test("values on the way, and the loss itself", async () => {
  const g = fresh();
  const x = g.input("x", "float32", [2]);
  const y = g.exp(x);
  const loss = g.sum(g.square(y), []);
  const gradients = differentiate(g, loss, [y, loss]);
  g.output(gradients.get(y)!, "dy");
  g.output(gradients.get(loss)!, "one");
  const { dy, one } = await runGraph(g.graph, { x: tensorOf([2], [0, 1]) });
  close(dy, [2, 2 * Math.E]);
  expect(one).toEqual([1]);
});

test("a loss that is no single float32 is a bug of the caller", () => {
  const g = fresh();
  const x = g.input("x", "float32", [2]);
  expect(() => differentiate(g, g.square(x), [x])).toThrow("not one float32");
  expect(() => differentiate(g, g.cast(g.sum(x, []), "int64"), [x])).toThrow("not one float32");
  expect(() => differentiate(g, g.sum(x, []), ["y"])).toThrow('"y"');
});

test("a gradient that a reduction repeats stays small until something needs it whole", async () => {
  // Rows' products u·v, as a factor model has them: dy is broadcast by the products that follow.
  const g = fresh();
  const [u, v] = [g.input("u", "float32", [3, 2]), g.input("v", "float32", [3, 2])];
  const scores = g.sum(g.mul(u, v), [-1]);
  const gradients = differentiate(g, g.sum(g.softplus(scores), []), [u, v]);
  expect(ops(g)).not.toContain("Expand");
  expect(g.dims(gradients.get(u)!)).toEqual([3, 2]);
  close(await slopes([5, 6], (h, x) => h.mean(x, [])), [0.5, 0.5]);
});

test("dropout is the identity in inference, and its mask in training", async () => {
  close(await slopes([1, 2], (g, x) => g.sum(g.square(g.node("Dropout", [x])), [])), [2, 4]);
  const training = (g: Ops) => g.constant("training", { dtype: "bool", dims: [], data: Uint8Array.of(1) });
  const g = fresh();
  const x = g.input("x", "float32", [64]);
  const [y, mask] = g.nodes("Dropout", [x, g.scalar(0.25), training(g)], { seed: 7 }, 2);
  g.output(differentiate(g, g.sum(y!, []), [x]).get(x)!, "dx");
  g.output(mask!, "mask");
  const found = await runGraph(g.graph, { x: tensorOf([64], new Array(64).fill(1)) });
  expect(new Set(found.mask)).toEqual(new Set([0, 1]));
  close(
    found.dx,
    found.mask!.map((kept) => kept / 0.75),
  );
  expect(() => differentiate(...lostMask())).toThrow("no mask output");
  function lostMask(): [Ops, string, string[]] {
    const h = fresh();
    const w = h.input("w", "float32", [2]);
    return [h, h.sum(h.node("Dropout", [w, h.scalar(0.5), training(h)]), []), [w]];
  }
});

const twice: Record<string, (g: Ops, x: string) => string> = {
  "x³": (g, x) => g.pow(x, g.scalar(3)),
  product: (g, x) => g.mul(g.exp(x), g.mul(x, g.slice(x, 0, 0, 1))),
  quotient: (g, x) => g.div(x, g.add(g.square(x), g.scalar(1))),
  relu: (g, x) => g.mul(g.scalar(5), g.square(g.relu(x))),
  leakyRelu: (g, x) => g.square(g.leakyRelu(x, 0.3)),
  sigmoid: (g, x) => g.sigmoid(x),
  tanh: (g, x) => g.tanh(x),
  softplus: (g, x) => g.softplus(x),
  gelu: (g, x) => g.gelu(x),
  softmax: (g, x) => g.softmax(x),
  logSoftmax: (g, x) => g.logSoftmax(x),
  norm: (g, x) => g.node("ReduceL2", [x]),
  layerNorm: (g, x) => g.layerNorm(x, g.float("s", [3], Float32Array.of(1, 2, 3))),
  matmul: (g, x) => g.matmul(g.tanh(x), g.tanh(g.transpose(x, [1, 0]))),
  bias: (g, x) => g.square(g.add(g.float("c", [4, 2, 3], new Float32Array(24).fill(0.5)), g.square(x))),
};

test.each(Object.keys(twice))("differentiated twice: %s", async (name) => {
  const values = [0.3, -0.7, 1.1, 0.4, 0.9, -0.2];
  const g = fresh();
  const x = g.input("x", "float32", [2, 3]);
  const y = twice[name]!(g, x);
  const weights = (dims: readonly number[]) =>
    g.float(
      "w",
      dims,
      Float32Array.from({ length: elements(dims) }, (_, i) => 0.6 + ((i * 7) % 5) / 5),
    );
  const dx = differentiate(g, g.sum(g.mul(y, weights(g.dims(y))), []), [x]).get(x)!;
  const slope = g.sum(g.mul(dx, weights([2, 3])), []);
  g.output(slope, "slope");
  g.output(differentiate(g, slope, [x]).get(x)!, "ddx");
  const session = await openGraph(g.graph);
  const at = (moved: readonly number[]) => session.run({ x: tensorOf([2, 3], moved) });
  const { ddx } = await at(values);
  const step = 2 ** -6;
  for (let k = 0; k < values.length; k++) {
    const shifted = (by: number) => at(values.map((v, i) => (i === k ? v + by : v)));
    const wanted = ((await shifted(step)).slope![0]! - (await shifted(-step)).slope![0]!) / (2 * step);
    expect(Math.abs(ddx![k]! - wanted) / (1 + Math.abs(wanted))).toBeLessThan(5e-3);
  }
  await session.close();
});
