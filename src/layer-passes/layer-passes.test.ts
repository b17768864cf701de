// cluster-weights, quantize-dynamic, quantize-static (factorize and prune-weights: pipeline/graphs/pack-layers.test.ts): what is in 8 bits, what stays, and what is said of processors without VNNI.

import { afterAll, expect, test } from "vitest";
import { denseGraph, denseRows, layerContext } from "../../test/dense-graphs.ts";
import { runGraph } from "../../test/run-graph.ts";
import { openKernels } from "../node/threads.ts";
import { copyOf } from "../pipeline/graphs/pack-tables.ts";
import clusterWeights from "./cluster-weights.ts";
import quantizeDynamic from "./quantize-dynamic.ts";
import quantizeStatic from "./quantize-static.ts";

const graph = denseGraph("gemm");
const kernels = await openKernels(1);
afterAll(() => kernels.close());
const context = layerContext(denseRows(graph), kernels);

test.each(["minmax", "moving-average", "percentile", "entropy", "mse"] as const)(
  "ranges by %s keep the answers' order",
  async (method) => {
    const edited = copyOf(graph);
    await quantizeStatic.apply(edited, quantizeStatic.options.parse({ method, least: 0 }), context);
    const [ours, theirs] = [await runGraph(edited, denseRows(graph)), await runGraph(graph, denseRows(graph))];
    const mean = (x: number[]) => x.reduce((a, b) => a + b, 0) / x.length;
    const [a, b] = [ours["y"]!, theirs["y"]!];
    const covariance = (x: number[], y: number[]) => mean(x.map((v, i) => (v - mean(x)) * (y[i]! - mean(y))));
    expect(covariance(a, b) / Math.sqrt(covariance(a, a) * covariance(b, b))).toBeGreaterThan(
      method === "entropy" ? 0.95 : 0.99,
    );
  },
);

test("small layers stay, all weights of the others are 8-bit; one scale a layer is less exact than one an output", async () => {
  const apart = async (options: object) => {
    const edited = copyOf(graph);
    const changes = await quantizeDynamic.apply(edited, quantizeDynamic.options.parse(options), context);
    const done = changes.flatMap((change) => ("refused" in change ? [] : [change]));
    expect(done.map(({ name }) => name)).toEqual(["0.weight", "1.weight"]);
    expect(edited.initializers.get("2.weight")).toBe(graph.initializers.get("2.weight"));
    return Math.hypot(
      ...done.flatMap(({ name, stands }) => {
        const was = graph.initializers.get(name)!.data as Float32Array;
        return Array.from(stands[name]!.data as Float32Array, (w, i) => w - was[i]!);
      }),
    );
  };
  expect(await apart({})).toBeLessThan(await apart({ perChannel: false }));
});

test.each(["linear", "density", "k-means++"] as const)(
  "cluster-weights from a %s start leaves a layer that many values, which keep its zeros",
  async (start) => {
    const pruned = copyOf(graph);
    const weight = pruned.initializers.get("0.weight")!;
    const halved = Float32Array.from(weight.data as Float32Array, (w, i) => (i % 2 === 0 ? 0 : w));
    pruned.initializers.set("0.weight", { ...weight, data: halved });
    await clusterWeights.apply(pruned, clusterWeights.options.parse({ clusters: 8, start, least: 0 }), context);
    const [left, whole] = ["0.weight", "1.weight"].map((name) => pruned.initializers.get(name)!.data as Float32Array);
    expect([new Set(left).size, new Set(whole).size]).toEqual([8, 8]);
    expect(left!.every((w, i) => (w === 0) === (halved[i] === 0))).toBe(true);
  },
);

test("saturation without VNNI is told, and gone with a reduced range", async () => {
  const positive = denseGraph("gemm", [64, 64]);
  const weight = positive.initializers.get("0.weight")!.data as Float32Array;
  for (let i = 0; i < weight.length; i++) weight[i] = 1;
  const ones = { x: { dtype: "float32" as const, dims: [4, 64], data: new Float32Array(256).fill(1) } };
  const noted = async (reduceRange: boolean) => {
    const changes = await quantizeStatic.apply(
      copyOf(positive),
      quantizeStatic.options.parse({ reduceRange }),
      layerContext(ones, kernels),
    );
    return changes.map((change) => ("refused" in change ? "" : (change.note ?? "")));
  };
  expect(await noted(false)).toEqual([expect.stringMatching(/^without VNNI 1\.0e\+2 % of its sums|^without VNNI 100/)]);
  expect(await noted(true)).toEqual([""]);
});

test("static: a bias goes into the sums, but not where ONNX Runtime would multiply in float32 for the activation's sake", async () => {
  const gemms = async (least: number) => {
    const edited = copyOf(graph);
    await quantizeStatic.apply(edited, quantizeStatic.options.parse({ least }), context);
    return edited.nodes.flatMap(({ op, inputs }) => (op === "Gemm" ? [inputs.length] : []));
  };
  expect(await gemms(0)).toEqual([3, 3, 3]);
  // The last layer stays float32, so what the second one's ReLU gives is not rounded.
  expect(await gemms(1024)).toEqual([3, 2, 3]);
});
