// The WebAssembly build beside the native one, over a graph that PyTorch exported.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { UserError } from "../base/errors.ts";
import type { RunTensor } from "../graph/runtime.ts";
import { onnxRuntime } from "./onnx-runtime.ts";
import { openWebRuntime } from "./onnx-web.ts";

const model = readFileSync("test/fixtures/foreign/deepfm.script.onnx");
const fields: RunTensor = {
  ...{ dtype: "int64", dims: [3, 26] },
  data: BigInt64Array.from({ length: 3 * 26 }, (_, i) => BigInt((i * 7) % 5)),
};

test("it answers as the native build does", async () => {
  const web = (await openWebRuntime())!;
  const answers: number[][] = [];
  for (const runtime of [web, onnxRuntime({ threads: 1 })]) {
    const session = await runtime.open(model);
    expect(session.inputs).toEqual(["fields"]);
    const [out] = Object.values(await session.run({ fields }));
    expect(out!.dims[0]).toBe(3);
    answers.push([...(out!.data as Float32Array)]);
    await session.close();
  }
  const [ours, theirs] = answers as [number[], number[]];
  expect(ours).toHaveLength(3);
  for (const [i, value] of ours.entries()) expect(value).toBeCloseTo(theirs[i]!, 5);
});

test("what is no model is one sentence", async () => {
  const web = (await openWebRuntime())!;
  await expect(web.open(new Uint8Array(100))).rejects.toThrow(UserError);
});
