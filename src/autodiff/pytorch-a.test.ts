import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { tensorOf } from "../../test/gradient-check.ts";
import { runGraph } from "../../test/run-graph.ts";
import { buildGraph } from "../graph/builder.ts";
import type { Attribute } from "../graph/graph.ts";
import { opsOn } from "../graph/ops.ts";
import type { RunTensor } from "../graph/runtime.ts";
import { typedBuilder } from "../graph/typed-builder.ts";
import { differentiate } from "./differentiate.ts";

/** As test/fixtures/gradients/make_a.py writes it; JSON has no infinities, they are texts. */
interface Case {
  readonly op: string;
  readonly attributes: Record<string, number | string>;
  readonly inputs: readonly (readonly [number[], (number | string)[], ("int64" | "bool" | "constant")?] | null)[];
  readonly dy: readonly (number | string)[];
  readonly gradients: readonly (readonly (number | string)[] | null)[];
}

const cases = JSON.parse(
  readFileSync(new URL("../../test/fixtures/gradients/a.json", import.meta.url), "utf8"),
) as readonly Case[];

const attribute = (value: number | string): Attribute =>
  typeof value === "string" || Number.isInteger(value) ? value : { float: value };

/** The gradients by input as our rule gives them, 0 where it gives none. */
async function ours({ op, attributes, inputs, dy, gradients }: Case): Promise<(number[] | null)[]> {
  const g = opsOn(typedBuilder(buildGraph("case", 21).graph));
  const feeds: Record<string, RunTensor> = {};
  const names = inputs.map((input, i) => {
    if (!input) return "";
    const [dims, data, kind] = input;
    const dtype = kind === "constant" ? "float32" : (kind ?? "float32");
    const tensor = tensorOf(dims, data.map(Number), dtype);
    if (kind === "constant" || kind === "int64") return g.constant(`x${i}`, tensor);
    feeds[`x${i}`] = tensor;
    return g.input(`x${i}`, dtype, dims);
  });
  const given = Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, attribute(value)]));
  const [y] = g.nodes(op, names, given, given.training_mode ? 3 : 1) as [string];
  const weights = g.constant("dy", tensorOf(g.dims(y), dy.map(Number)));
  const wrt = names.filter((_, i) => gradients[i]);
  const found = differentiate(g, g.sum(g.mul(y, weights), []), wrt);
  for (const [x, dx] of found) g.output(dx, `d${x}`);
  const results = found.size > 0 ? await runGraph(g.graph, feeds) : {};
  return gradients.map((wanted, i) => wanted && (results[`dx${i}`] ?? wanted.map(() => 0)));
}

const same = (got: number, wanted: number): boolean =>
  Object.is(got, wanted) || got === wanted || Math.abs(got - wanted) <= 1e-5 * (1 + Math.abs(wanted));

test.each([...new Set(cases.map((c) => c.op))])("as PyTorch: %s", async (op) => {
  for (const one of cases.filter((c) => c.op === op)) {
    const got = await ours(one);
    const wanted = one.gradients.map((gradient) => gradient?.map(Number) ?? null);
    const fits = wanted.every((gradient, i) => !gradient || gradient.every((v, k) => same(got[i]![k]!, v)));
    // Equal arrays where they fit, so that a misfit prints both.
    expect(fits ? wanted : got, JSON.stringify([one.attributes, one.inputs, one.dy])).toEqual(wanted);
  }
});
