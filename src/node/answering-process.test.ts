// A process that answers by ONNX Runtime; one that answers from tables is run by the command line's tests, which have the
// compiled package.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { RunTensor } from "../graph/runtime.ts";
import { processBytes } from "./answering-process.ts";

const model = readFileSync("test/fixtures/foreign/deepfm.script.onnx");
const fields: RunTensor = { dtype: "int64", dims: [1, 26], data: new BigInt64Array(26) };

test("its peak is above that of a process that does nothing", async () => {
  const found = await processBytes({ "model.onnx": model }, { feeds: { fields }, times: 3 });
  if ("why" in found) throw new Error(found.why);
  expect(found.idle).toBeGreaterThan(20e6);
  expect(found.peak).toBeGreaterThan(found.idle + 1e6);
});

test.each([
  ["a file that is no model", { "model.onnx": new Uint8Array(50) }, { feeds: { fields }, times: 1 }],
  ["a feed that is missing", { "model.onnx": model }, { feeds: {}, times: 1 }],
  ["no file at all", {}, { feeds: { fields }, times: 1 }],
  ["the package as source", {}, { asked: [["a"]], k: 3 }],
])("%s is a reason and no failure", async (_, files, asking) => {
  const found = await processBytes(files, asking);
  expect(found).toEqual({ why: expect.stringMatching(/\w/) });
});
