import { expect, test } from "vitest";
import { denseGraph, denseRows, forms, layerContext } from "../../../test/dense-graphs.ts";
import { withKernels } from "../../../test/pass-runs.ts";
import { runGraph } from "../../../test/run-graph.ts";
import quantizeDynamic from "../../layer-passes/quantize-dynamic.ts";
import quantizeStatic from "../../layer-passes/quantize-static.ts";
import { openMeter } from "../../node/meter.ts";
import { onnxRuntime } from "../../node/onnx-runtime.ts";
import { encodeOnnx } from "../../onnx/encode.ts";
import { copyOf } from "../graphs/pack-tables.ts";
import { integerLayers, setLayerForms } from "./integer-layers.ts";
import { inForms, planGraph } from "./plan-graph.ts";

const kernels = withKernels();
const cases = forms.flatMap((form) =>
  [quantizeDynamic, quantizeStatic].map((pass) => ({ form, pass, use: pass.name })),
);

async function quantized(form: (typeof forms)[number], pass: (typeof cases)[number]["pass"]) {
  const graph = denseGraph(form);
  const edited = copyOf(graph);
  const options = pass.options.parse({ least: 0 }) as never;
  const changes = await pass.apply(edited, options, layerContext(denseRows(graph), kernels()));
  const done = changes.flatMap((change) => ("refused" in change ? [] : [change]));
  const stands = copyOf(graph);
  for (const change of done)
    for (const [name, tensor] of Object.entries(change.stands)) stands.initializers.set(name, tensor);
  return { edited, stands, done };
}

test.each(cases)(
  "$use of $form: every layer is found, and answers in float32 as its weights stand",
  async ({ form, pass }) => {
    const { edited, stands, done } = await quantized(form, pass);
    const names = integerLayers(edited);
    expect(names).toHaveLength(done.length);
    const right = (await runGraph(stands, denseRows(stands)))["y"]!;
    for (const own of ["packed", "float32"] as const) {
      const copy = copyOf(edited);
      setLayerForms(copy, Object.fromEntries(names.map((name) => [name, own])));
      expect(integerLayers(copy)).toEqual([]);
      expect(copy.nodes.filter(({ op }) => /Integer|Quantize/.test(op))).toEqual([]);
      const found = (await runGraph(copy, denseRows(copy)))["y"]!;
      found.forEach((y, i) => {
        expect(y).toBeCloseTo(right[i]!, 3);
      });
    }
  },
);

test("a graph's layers are planned by measuring; the plan makes the same bytes again", async () => {
  const { edited } = await quantized("gemm", quantizeDynamic);
  const runtime = onnxRuntime({ threads: 1 });
  const quiet = { start: () => ({ step() {}, end() {} }), stop() {} };
  const bench = { runtime, runtimes: { node: runtime }, meter: openMeter(), progress: quiet };
  const options = { batch: 4, smallest: false };
  const plan = { ...bench, plan: { rounds: 2, runs: 4, seconds: 0.01 } };
  const manifest = { name: "gemm" } as Parameters<typeof planGraph>[0]["manifest"];
  const { parts, forms: kept, model } = await planGraph({ graph: edited, manifest }, options, plan);
  for (const { tried } of parts) {
    expect(tried.map(({ form, refused }) => [form, refused])).toEqual(
      ["integers", "packed", "float32"].map((form) => [form, undefined]),
    );
  }
  expect(encodeOnnx(inForms(edited, kept))).toEqual(model);
  expect(() => inForms(edited, { other: "packed" })).toThrow("the plan names other, which is no layer in 8 bits");
  const none = planGraph({ graph: denseGraph("gemm"), manifest }, options, plan);
  await expect(none).rejects.toThrow("gemm: no layer is in 8 bits");
});
