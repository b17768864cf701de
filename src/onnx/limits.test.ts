import { expect, test } from "vitest";
import { buildGraph } from "../graph/builder.ts";
import { onnxRuntime } from "../node/onnx-runtime.ts";
import { encodeOnnx } from "./encode.ts";
import { ourFacts } from "./facts.ts";
import { checkLimits } from "./limits.ts";

function relu(opset: number, irVersion: number) {
  const b = buildGraph("g", opset);
  b.node("Relu", [b.input("x", "float32", [2])], {}, "y");
  b.output("y", "float32", [2]);
  return { ...b.graph, file: { ...ourFacts(opset), irVersion } };
}

test("the limits of the runtime that is installed are those it keeps to", async () => {
  for (const [opset, irVersion] of [
    [26, 13],
    [27, 13],
    [26, 14],
  ] as const) {
    const graph = relu(opset, irVersion);
    const ours = () => checkLimits(graph, "onnxruntime-node 1.30");
    const theirs = onnxRuntime({ threads: 1 }).open(encodeOnnx(graph));
    if (opset === 26 && irVersion === 13) {
      expect(ours).not.toThrow();
      await (await theirs).close();
    } else {
      expect(ours).toThrow(/onnxruntime-node 1.30 reads (13|26) at most/);
      await expect(theirs).rejects.toThrow();
    }
  }
});
