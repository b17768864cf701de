import { expect, test } from "vitest";
import { pass32, withKernels } from "../../test/pass-runs.ts";
import { createRng } from "../base/rng.ts";
import { decodeTable } from "../tables/decode.ts";
import { type Table, tableBytes } from "../tables/table.ts";
import codebook from "./codebook.ts";

const kernels = withKernels();
const rng = createRng("codebook");
const normal = (n: number) => Float32Array.from({ length: n }, () => rng.normal());

test("numbers of few distinct values come back exactly", async () => {
  const data = Float32Array.from({ length: 40 * 64 }, () => [-1.5, 0, 0.1, 7][rng.below(4)]!);
  const table = (await pass32(codebook, { clusters: 8, levels: "f32" }, kernels(), 40, 64, data)) as Table;
  expect(decodeTable(table)).toEqual(data);
  expect(table.tensors["levels"]).toHaveLength(4);
});

test("16 levels of a normal distribution reach Lloyd and Max's error in fewer than 4 bits a number", async () => {
  const data = normal(1000 * 64);
  const table = (await pass32(codebook, { clusters: 16 }, kernels(), 1000, 64, data)) as Table;
  const after = decodeTable(table);
  const error = data.reduce((sum, x, i) => sum + (x - after[i]!) ** 2, 0) / data.length;
  // Max 1960, table I: distortion 0.009497 and entropy 3.765 bits for 16 levels.
  expect(error).toBeGreaterThan(0.0093);
  expect(error).toBeLessThan(0.0097);
  expect((tableBytes(table) * 8) / data.length).toBeLessThan(3.8);
});

test("levels beyond binary16 need f32, and a table too small for its levels is refused", async () => {
  const data = normal(640).map((x) => x * 1e6);
  expect(await pass32(codebook, {}, kernels(), 10, 64, data)).toEqual({
    refused: 'a level is beyond 16-bit floating point; use levels "f32"',
  });
  expect(await pass32(codebook, { levels: "f32" }, kernels(), 10, 64, data)).toMatchObject({ encoding: "codebook" });
  const tiny = await pass32(codebook, { clusters: 256, levels: "f32" }, kernels(), 1, 40, normal(40));
  expect(tiny).toEqual({ refused: expect.stringMatching(/^it would not shrink: 160 B to /) });
});
