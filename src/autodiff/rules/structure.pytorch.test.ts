// Gradients as PyTorch has them: test/fixtures/gradients/make_structure.py says of what.

import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { tensorOf } from "../../../test/gradient-check.ts";
import { runGraph } from "../../../test/run-graph.ts";
import { buildGraph } from "../../graph/builder.ts";
import type { Attribute } from "../../graph/graph.ts";
import { opsOn } from "../../graph/ops.ts";
import type { RunTensor } from "../../graph/runtime.ts";
import { typedBuilder } from "../../graph/typed-builder.ts";
import { differentiate } from "../differentiate.ts";

interface Recorded {
  readonly dims: readonly number[];
  readonly data: readonly number[];
}

interface Case {
  readonly name: string;
  readonly op: string;
  readonly attributes: Record<string, Attribute>;
  readonly inputs: readonly ((Recorded & { readonly dtype: "float32" | "int64" }) | null)[];
  /** Of the outputs in the loss, which is the sum of weight · output. */
  readonly weights: readonly (Recorded | null)[];
  readonly gradients: readonly (Recorded | null)[];
}

const file = new URL("../../../test/fixtures/gradients/structure.json", import.meta.url);
const cases = JSON.parse(await readFile(file, "utf8")) as Case[];

test.each(cases)("$op: $name", async ({ op, attributes, inputs, weights, gradients }) => {
  const g = opsOn(typedBuilder(buildGraph("recorded", 21).graph));
  const feeds: Record<string, RunTensor> = {};
  const names = inputs.map((input, i) => {
    if (!input) return "";
    const tensor = tensorOf(input.dims, input.data, input.dtype);
    if (input.dtype === "int64") return g.constant(`x${i}`, tensor as never);
    feeds[`x${i}`] = tensor;
    return g.input(`x${i}`, "float32", input.dims);
  });
  const outputs = g.nodes(op, names, attributes, weights.length);
  const terms = weights.flatMap((w, i) =>
    w ? [g.sum(g.mul(outputs[i]!, g.float("w", w.dims, Float32Array.from(w.data))), [])] : [],
  );
  const wrt = names.filter((name) => name in feeds);
  const found = differentiate(
    g,
    terms.reduce((a, b) => g.add(a, b)),
    wrt,
  );
  for (const [name, gradient] of found) g.output(gradient, `d${name}`);
  const results = found.size > 0 ? await runGraph(g.graph, feeds) : {};
  for (const [i, name] of names.entries()) {
    if (!(name in feeds)) continue;
    const wanted = gradients[i]!;
    const got = results[`d${name}`] ?? wanted.data.map(() => 0);
    expect(got).toHaveLength(wanted.data.length);
    // float32 sums of some ten products of numbers up to 3.
    for (const [k, d] of wanted.data.entries()) {
      expect(Math.abs(got[k]! - d), `input ${i}, element ${k}: ${got[k]}, PyTorch ${d}`).toBeLessThan(
        5e-6 * (1 + Math.abs(d)),
      );
    }
  }
});
