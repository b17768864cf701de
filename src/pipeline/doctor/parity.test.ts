import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { withKernels } from "../../../test/pass-runs.ts";
import { must } from "../../base/errors.ts";
import { createRng } from "../../base/rng.ts";
import type { Runtime } from "../../graph/runtime.ts";
import { openPageKernels } from "../../kernels/open-page.ts";
import { onnxRuntime } from "../../node/onnx-runtime.ts";
import { openWebRuntime } from "../../node/onnx-web.ts";
import { decodeOnnx } from "../../onnx/decode.ts";
import { encodeOnnx } from "../../onnx/encode.ts";
import { lowerToOnnx } from "../../recommender/lower.ts";
import type { Recommender } from "../../recommender/recommender.ts";
import { scorerBytes } from "../../recommender/scorer.ts";
import { f32Table } from "../../tables/table.ts";
import { applyPasses } from "../compress.ts";
import { registry } from "../registry.ts";
import { graphParity, recommenderParity } from "./parity.ts";

const kernels = withKernels();
const step = (name: string, options: object) => ({
  pass: must(
    registry.pass.find((one) => one.name === name),
    name,
  ),
  options,
});
const rng = createRng("parity");
const table = (rows: number) =>
  f32Table(
    rows,
    8,
    Float32Array.from({ length: rows * 8 }, () => rng.normal()),
  );
const one: Recommender = { query: "user", pool: "sum", items: 60, tables: { user: table(40), item: table(60) } };
const other: Recommender = { ...one, tables: { ...one.tables, item: table(60) } };
const node = onnxRuntime({ threads: 1 });
const answering = async (web?: Runtime) => ({ kernels: kernels(), openPageKernels, node, web });
const parity = async (of: Recommender, shipped: Recommender, web?: Runtime) =>
  recommenderParity(
    { recommender: of, onnx: encodeOnnx(lowerToOnnx(shipped)) },
    scorerBytes(of) + 2 ** 20,
    await answering(web),
  );

test("our kernels, a page's, ONNX Runtime and its WebAssembly build answer alike", async () => {
  const { agreements, findings } = await parity(one, one, await openWebRuntime());
  expect(agreements.map(({ runtime, same, asked }) => [runtime, same, asked])).toEqual(
    ["our kernels", "page kernels", "ONNX Runtime", "ONNX Runtime, WebAssembly"].map((name) => [name, 32, 32]),
  );
  for (const { apart } of agreements) expect(apart).toBeLessThan(1e-5);
  expect(findings).toEqual([]);
});

test("they do over 16-bit floats and 8-bit codebooks, too", async () => {
  const context = { kernels: kernels(), rng };
  const [halves, books] = [step("bf16", { tables: ["user"] }), step("pq", { pieces: 4, codebooks: "int8" })];
  const { recommender: packed } = await applyPasses(one, [halves, books], context);
  expect([packed.tables.user?.encoding, packed.tables.item?.encoding]).toEqual(["bf16", "pq"]);
  const { agreements, findings } = await parity(packed, packed, await openWebRuntime());
  expect(agreements.map(({ same, asked }) => [same, asked])).toEqual(new Array(4).fill([32, 32]));
  expect(findings).toEqual([]);
});

test("a file that is another model's is found", async () => {
  const { agreements, findings } = await parity(one, other);
  expect(agreements.at(-1)!.same).toBeLessThan(32);
  expect(findings).toMatchObject([{ kind: "runtimes-disagree", where: "ONNX Runtime", bytes: 0 }]);
});

test("a runtime that refuses is a finding with its words, not the end", async () => {
  const refuses: Runtime = { open: () => Promise.reject(new Error("no such operator")) };
  const { findings } = await parity(one, one, refuses);
  expect(findings).toMatchObject([
    { kind: "runtime-refuses", where: "ONNX Runtime, WebAssembly", what: "no such operator" },
  ]);
});

test("graphs are asked by made-up rows", async () => {
  const graph = decodeOnnx(new Uint8Array(readFileSync("test/fixtures/foreign/deepfm.script.onnx")), "deepfm");
  const { agreements, findings } = await graphParity(graph, await answering(await openWebRuntime()));
  expect(agreements.map(({ same }) => same)).toEqual([32, 32]);
  expect(findings).toEqual([]);
});
