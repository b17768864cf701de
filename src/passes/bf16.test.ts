import fc from "fast-check";
import { expect, test } from "vitest";
import { pass32, withKernels } from "../../test/pass-runs.ts";
import { decodeTable } from "../tables/decode.ts";
import type { Table } from "../tables/table.ts";
import bf16 from "./bf16.ts";

const kernels = withKernels();

test("rounds to the nearest bfloat16, ties to even", async () => {
  const data = Float32Array.of(1, -2.5, 1 + 2 ** -8, 1 + 3 * 2 ** -8, 1 + 1.01 * 2 ** -8, 1e30, -0, 2 ** -149);
  const table = await pass32(bf16, {}, kernels(), 2, 4, data);
  const kept = Uint16Array.of(0x3f80, 0xc020, 0x3f80, 0x3f82, 0x3f81, 0x714a, 0x8000, 0);
  expect(table).toMatchObject({ encoding: "bf16", tensors: { data: kept } });
});

test("numbers of 8 bits come back exactly, at any size that float32 has", async () => {
  const number = fc
    .tuple(fc.integer({ min: -255, max: 255 }), fc.integer({ min: -133, max: 119 }))
    .map(([x, e]) => x * 2 ** e);
  await fc.assert(
    fc.asyncProperty(fc.array(number, { minLength: 3, maxLength: 40 }), async (numbers) => {
      const data = Float32Array.from(numbers);
      const table = (await pass32(bf16, {}, kernels(), 1, data.length, data)) as Table;
      expect(decodeTable(table)).toEqual(data);
    }),
  );
});

test("refuses what would become infinite", async () => {
  const below = 3.38e38;
  expect(await pass32(bf16, {}, kernels(), 1, 2, Float32Array.of(1, -below))).toMatchObject({ encoding: "bf16" });
  const refused = await pass32(bf16, {}, kernels(), 1, 2, Float32Array.of(1, -3.4e38));
  expect(refused).toMatchObject({ refused: expect.stringMatching(/^3\.39.*e\+38 is beyond bfloat16$/) });
});
