// One pass over one float32 table, as the tests of passes need it.

import { afterAll, beforeAll } from "vitest";
import { createRng } from "../src/base/rng.ts";
import type { Kernels } from "../src/kernels/kernels.ts";
import type { Encoded, TablePass } from "../src/kinds/pass.ts";
import { openKernels } from "../src/node/threads.ts";
import type { TableName } from "../src/recommender/recommender.ts";
import { f32Table } from "../src/tables/table.ts";

/** Kernels with one thread for all tests of a file. */
export function withKernels(): () => Kernels {
  let kernels: Kernels;
  beforeAll(async () => {
    kernels = await openKernels(1);
  });
  afterAll(() => kernels.close());
  return () => kernels;
}

/** The pass, with its options parsed, over rows × cols numbers. */
export async function pass32(
  method: unknown,
  options: object,
  kernels: Kernels,
  rows: number,
  cols: number,
  data: Float32Array,
  name: TableName = "item",
): Promise<Encoded> {
  const pass = method as TablePass;
  return pass.encode(f32Table(rows, cols, data), pass.options.parse(options), { kernels, rng: createRng(0) }, name);
}
