// What every layer pass promises, over dense layers in each form that exporters write.

import { afterAll, describe, expect, test } from "vitest";
import { buildGraph } from "../../src/graph/builder.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { verify } from "../../src/graph/verify.ts";
import type { LayerChange, LayerPass } from "../../src/kinds/layer-pass.ts";
import { all } from "../../src/layer-passes/index.ts";
import { openKernels } from "../../src/node/threads.ts";
import { encodeOnnx } from "../../src/onnx/encode.ts";
import { copyOf } from "../../src/pipeline/graphs/pack-tables.ts";
import { denseGraph, denseRows, forms, layerContext } from "../dense-graphs.ts";
import { runGraph } from "../run-graph.ts";

const passes = all as unknown as readonly LayerPass[];

const kernels = await openKernels(1);
afterAll(() => kernels.close());

/** Options under which layers of random weights change. */
const chosen: Readonly<Record<string, object>> = { factorize: { rank: 12 } };

async function applied(pass: LayerPass, graph: Graph) {
  const now = copyOf(graph);
  const options = pass.options.parse(chosen[pass.name] ?? {});
  const changes = await pass.apply(now, options, layerContext(denseRows(graph), kernels));
  verify(now);
  return { now, changes };
}

/** The graph as it was, with the constants that the changes stand for. */
function standing(graph: Graph, changes: readonly LayerChange[]): Graph {
  const copy = copyOf(graph);
  for (const change of changes) {
    if ("refused" in change) continue;
    for (const [name, tensor] of Object.entries(change.stands)) {
      expect(copy.initializers.get(name)?.dims).toEqual(tensor.dims);
      copy.initializers.set(name, tensor);
    }
  }
  return copy;
}

describe.each(passes)("$name", (pass) => {
  test.each(forms)(
    "of %s: answers what it says it stands for, no larger, twice the same, its input untouched",
    async (form) => {
      const graph = denseGraph(form);
      const before = encodeOnnx(graph);
      const { now, changes } = await applied(pass, graph);
      expect(encodeOnnx(graph)).toEqual(before);
      expect(encodeOnnx((await applied(pass, graph)).now)).toEqual(encodeOnnx(now));
      const done = changes.flatMap((change) => ("refused" in change ? [] : [change.bytes]));
      expect(done.length).toBeGreaterThan(0);
      for (const bytes of done) expect(bytes.after).toBeLessThanOrEqual(bytes.before);
      for (const change of changes) {
        if ("refused" in change) expect(now.initializers.get(change.name)).toBe(graph.initializers.get(change.name));
      }
      const feeds = denseRows(graph);
      const [ours, theirs] = [await runGraph(now, feeds), await runGraph(standing(graph, changes), feeds)];
      const largest = theirs["y"]!.reduce((most, y) => Math.max(most, Math.abs(y)), 0);
      const allowed = Math.max(pass.tolerance(pass.options.parse({})), 1e-5) * largest;
      for (const [i, y] of theirs["y"]!.entries()) expect(Math.abs(ours["y"]![i]! - y)).toBeLessThan(allowed);
    },
  );

  const aware = pass.aware?.(pass.options.parse(chosen[pass.name] ?? {}));

  test.runIf(aware?.first)("training starts from what it makes, of which it makes the same again", async () => {
    const { now } = await applied(pass, denseGraph("transposed", [64, 48]));
    expect(encodeOnnx((await applied(pass, now)).now)).toEqual(encodeOnnx(now));
  });

  test.runIf(aware?.project)("what graphs learn toward it stands as it is", async () => {
    const graph = denseGraph("transposed", [64, 48]);
    const { dims, data } = graph.initializers.get("0.weight")!;
    const b = buildGraph("aware", 21);
    const made = aware!.project!(b, b.input("w", "float32", [...dims]), 0);
    b.output(made, "float32", [...dims]);
    const feeds = { w: { dtype: "float32" as const, dims, data: data as Float32Array } };
    const projected = Float32Array.from((await runGraph(b.graph, feeds))[made]!);
    expect(projected).not.toEqual(data);
    graph.initializers.set("0.weight", { dtype: "float32", dims, data: projected });
    const { changes } = await applied(pass, graph);
    const [change] = changes;
    if (!change || "refused" in change) return expect(change).toBe("changed");
    const stands = change.stands["0.weight"]!.data as Float32Array;
    for (const [i, w] of projected.entries()) expect(Math.abs(stands[i]! - w)).toBeLessThan(1e-6);
  });

  test("the file shrinks as claimed, to 2 %", async () => {
    const graph = denseGraph("gemm", [256, 256, 256, 1]);
    const { now, changes } = await applied(pass, graph);
    const claimed = changes.reduce(
      (sum, one) => ("refused" in one ? sum : sum + one.bytes.before - one.bytes.after),
      0,
    );
    const shrunk = encodeOnnx(graph).length - encodeOnnx(now).length;
    expect(Math.abs(shrunk - claimed)).toBeLessThanOrEqual(0.02 * claimed);
  });

  test("refuses with a reason what it cannot take, and leaves that graph as it is", async () => {
    const shared = denseGraph("gemm", [40, 40, 40]);
    for (const node of shared.nodes) if (node.op === "Gemm") node.inputs[1] = "0.weight";
    shared.initializers.delete("1.weight");
    const broken = denseGraph("transposed", [48, 40]);
    (broken.initializers.get("0.weight")!.data as Float32Array)[5] = Number.NaN;
    for (const graph of [shared, broken]) {
      const before = encodeOnnx(graph);
      const { now, changes } = await applied(pass, graph);
      expect(changes.map((change) => "refused" in change && change.refused.length > 8)).toEqual([true]);
      expect(encodeOnnx(now)).toEqual(before);
    }
  });
});
