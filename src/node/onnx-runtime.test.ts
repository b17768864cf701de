import { listSupportedBackends } from "onnxruntime-node";
import { expect, test } from "vitest";
import { UserError } from "../base/errors.ts";
import { buildGraph } from "../graph/builder.ts";
import { encodeOnnx } from "../onnx/encode.ts";
import { onnxRuntime } from "./onnx-runtime.ts";

function doubled(): Uint8Array {
  const b = buildGraph("doubled", 21);
  const x = b.input("x", "float32", ["n"]);
  b.node("Add", [x, x], {}, "y");
  b.output("y", "float32", ["n"]);
  return encodeOnnx(b.graph);
}
const feeds = { x: { dtype: "float32", dims: [3], data: Float32Array.of(1, 2, 3) } } as const;

test("runs a model, into given memory where it is asked to", async () => {
  const session = await onnxRuntime({ threads: 1 }).open(doubled());
  expect(session.inputs).toEqual(["x"]);
  expect((await session.run(feeds))["y"]!.data).toEqual(Float32Array.of(2, 4, 6));
  const into = new Float32Array(3);
  await session.run(feeds, { y: { dtype: "float32", dims: [3], data: into } });
  expect(into).toEqual(Float32Array.of(2, 4, 6));
  await session.close();
});

test("an execution provider that is not there, and a file that is no model, are one sentence", async () => {
  await expect(onnxRuntime({ threads: 1, providers: ["cudaa"] }).open(doubled())).rejects.toThrow(
    'ONNX Runtime has no execution provider "cudaa" here. Did you mean "cuda"?',
  );
  await expect(onnxRuntime({ threads: 1 }).open(Uint8Array.of(1, 2, 3))).rejects.toThrow(UserError);
});

// Which ones work depends on the machine: each that the build lists either runs the model or says why not.
test.each(listSupportedBackends().map(({ name }) => name))(
  "provider %s runs the model or says why not",
  async (name) => {
    try {
      const session = await onnxRuntime({ threads: 1, providers: [name] }).open(doubled());
      expect((await session.run(feeds))["y"]!.data).toEqual(Float32Array.of(2, 4, 6));
      await session.close();
    } catch (error) {
      expect(name).not.toBe("cpu");
      expect(error).toBeInstanceOf(UserError);
    }
  },
);
