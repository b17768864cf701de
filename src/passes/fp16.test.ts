import { expect, test } from "vitest";
import { pass32, withKernels } from "../../test/pass-runs.ts";
import { toHalf } from "../../test/reference-rows.ts";
import fp16 from "./fp16.ts";

const kernels = withKernels();

test("rounds to the nearest half, ties to even", async () => {
  const data = Float32Array.of(1, -2.5, 1 + 2 ** -11, 1 + 3 * 2 ** -11, 1e-7, 65504, 0.1, -0);
  const table = await pass32(fp16, {}, kernels(), 2, 4, data);
  expect(table).toMatchObject({ encoding: "f16", tensors: { data: Uint16Array.from(data, toHalf) } });
});

test("refuses what would become infinite", async () => {
  const refused = await pass32(fp16, {}, kernels(), 1, 2, Float32Array.of(1, -65520));
  expect(refused).toEqual({ refused: "65520 is beyond 16-bit floating point" });
  expect(await pass32(fp16, {}, kernels(), 1, 2, Float32Array.of(1, 65519))).toMatchObject({ encoding: "f16" });
});
