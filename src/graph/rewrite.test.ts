import { expect, test } from "vitest";
import { type Builder, buildGraph } from "./builder.ts";
import { printGraph } from "./print.ts";
import { constant, isNumber, matchAt, op, opWhere, type Rewrite, rewriteGraph } from "./rewrite.ts";
import { float32 } from "./tensor.ts";
import { usesOf } from "./uses.ts";
import { verify } from "./verify.ts";

function build(make: (b: Builder, x: string) => void): Builder["graph"] {
  const b = buildGraph("g", 21);
  make(b, b.input("x", "float32", [2, 2]));
  b.output("y", "float32", [2, 2]);
  return b.graph;
}
const body = (graph: Builder["graph"]) =>
  printGraph(graph)
    .split("\n")
    .filter((line) => line.includes(" = "))
    .map((line) => line.trim());

const swish: Rewrite = {
  pattern: op("Mul", "x", op("Sigmoid", "x")),
  replace: ({ value }, add) => add("Swish", [value("x")]),
};

test("a pattern matches either order of a commutative operator, and its hole only one value", () => {
  for (const order of [0, 1]) {
    const graph = build((b, x) => {
      const s = b.node("Sigmoid", [x]);
      b.node("Mul", order ? [x, s] : [s, x], {}, "y");
    });
    expect(rewriteGraph(graph, [swish])).toBe(1);
    verify(graph);
    expect(body(graph)).toEqual(["%y = Swish(%x)"]);
  }
  const other = build((b, x) => b.node("Mul", [b.node("Relu", [x]), b.node("Sigmoid", [x])], {}, "y"));
  expect(rewriteGraph(other, [swish])).toBe(0);
  const divided = build((b, x) => b.node("Div", [b.node("Sigmoid", [x]), x], {}, "y"));
  expect(rewriteGraph(divided, [{ ...swish, pattern: op("Div", "x", op("Sigmoid", "x")) }])).toBe(0);
});

test("an inner value that others read, or that is an output, keeps a match from being replaced", () => {
  const make = (b: Builder, x: string) => b.node("Mul", [x, b.node("Sigmoid", [x], {}, "s")], {}, "y");
  const read = build((b, x) => {
    make(b, x);
    b.output(b.node("Exp", ["s"]), "float32", [2, 2]);
  });
  expect(rewriteGraph(read, [swish])).toBe(0);
  const output = build((b, x) => {
    make(b, x);
    b.output("s", "float32", [2, 2]);
  });
  expect(rewriteGraph(output, [swish])).toBe(0);
});

test("the same pattern object twice is the same node", () => {
  const shared = op("Relu", "x");
  const pattern = op("Sub", op("Exp", shared), op("Log", shared));
  const rule: Rewrite = { pattern, replace: (m, add) => add("Twice", [m.node(shared).inputs[0]!]) };
  const once = build((b, x) => {
    const r = b.node("Relu", [x]);
    b.node("Sub", [b.node("Exp", [r]), b.node("Log", [r])], {}, "y");
  });
  expect(rewriteGraph(once, [rule])).toBe(1);
  expect(body(once)).toEqual(["%y = Twice(%x)"]);
  const twice = build((b, x) => {
    const relu = () => b.node("Relu", [x]);
    b.node("Sub", [b.node("Exp", [relu()]), b.node("Log", [relu()])], {}, "y");
  });
  expect(rewriteGraph(twice, [rule])).toBe(0);
});

test("constants, attributes and several replacing nodes", () => {
  const rule: Rewrite = {
    pattern: op(
      "Mul",
      opWhere(["Gather"], ["table", "ids"], (n) => n.attributes["axis"] === 0),
      constant("two", isNumber(2)),
    ),
    replace: ({ value, constant: number }, add) =>
      number("two").dims.length === 0
        ? add("Rows", [add("Cast", [value("ids")], { to: 7 }), value("table")])
        : undefined,
  };
  const make = (axis: number, factor: number, dims: number[]) =>
    build((b, x) => {
      const rows = b.node("Gather", [x, b.input("ids", "int32", [3])], { axis });
      b.node("Mul", [rows, b.constant("c", float32(dims, Float32Array.of(factor)))], {}, "y");
    });
  const graph = make(0, 2, []);
  expect(rewriteGraph(graph, [rule])).toBe(1);
  expect(body(graph)).toEqual(["%y/Cast = Cast(%ids) {to: 7}", "%y = Rows(%y/Cast, %x)"]);
  expect(graph.initializers.size).toBe(0);
  expect(rewriteGraph(make(1, 2, []), [rule])).toBe(0);
  expect(rewriteGraph(make(0, 3, []), [rule])).toBe(0);
  expect(rewriteGraph(make(0, 2, [1]), [rule])).toBe(0);
});

test("a replacement may be a value that is there already, and rewrites go on until none fits", () => {
  const rule: Rewrite = { pattern: op("Neg", op("Neg", "x")), replace: ({ value }) => value("x") };
  const graph = build((b, x) => {
    let v = x;
    for (let i = 0; i < 5; i++) v = b.node("Neg", [v]);
    b.node("Neg", [v], {}, "y");
  });
  expect(rewriteGraph(graph, [rule])).toBe(3);
  verify(graph);
  expect(body(graph)).toEqual(["%y = Identity(%x)"]);
});

test("rewrites that undo each other are a bug, not a hang", () => {
  const rules = ["Exp", "Log"].map(
    (from, i): Rewrite => ({
      pattern: op(from, "x"),
      replace: ({ value }, add) => add(["Log", "Exp"][i]!, [value("x")]),
    }),
  );
  expect(() =>
    rewriteGraph(
      build((b, x) => b.node("Exp", [x], {}, "y")),
      rules,
    ),
  ).toThrow(/undo each other/);
});

test("a match tells its nodes", () => {
  const graph = build((b, x) => b.node("Mul", [x, b.node("Sigmoid", [x])], {}, "y"));
  const match = matchAt(swish.pattern, graph.nodes[1]!, usesOf(graph));
  expect([...match!.nodes].map((n) => n.op)).toEqual(["Mul", "Sigmoid"]);
  expect(matchAt(swish.pattern, graph.nodes[0]!, usesOf(graph))).toBeUndefined();
});
