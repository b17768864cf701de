import { expect, test } from "vitest";
import { randomBoard } from "../../test/boards.ts";
import { runtime } from "../../test/runtime.ts";
import { createRng } from "../base/rng.ts";
import { rowOf, transpose } from "../data/interactions.ts";
import { openKernels } from "../node/threads.ts";
import { decodeTable } from "../tables/decode.ts";
import ials from "./ials.ts";

test.each([0, 12])("after its last half-step each item solves its normal equations (cgSteps %i)", async (cgSteps) => {
  const train = randomBoard(2);
  const d = 4;
  const options = ials.options.parse({ d, cgSteps, epochs: 3, lambda: 0.05, unobserved: 0.2 });
  const kernels = await openKernels(1);
  const { tables } = await ials.fit(train, options, { kernels, runtime, rng: createRng(1), progress() {} });
  const [users, items] = [decodeTable(tables.user!), decodeTable(tables.item!)];
  const byItem = transpose(train);
  for (let i = 0; i < train.items; i++) {
    const takers = rowOf(byItem, i);
    // (Σ_{u∈i} x xᵀ + α₀ XᵀX + λ (n_i + α₀ |U|) I) y - Σ_{u∈i} x = 0
    const ridge = options.lambda * (takers.length + options.unobserved * train.users);
    const residual = Float64Array.from({ length: d }, (_, c) => ridge * items[i * d + c]!);
    for (let u = 0; u < train.users; u++) {
      const taken = takers.includes(u);
      let dot = 0;
      for (let c = 0; c < d; c++) dot += users[u * d + c]! * items[i * d + c]!;
      const scale = (options.unobserved + (taken ? 1 : 0)) * dot - (taken ? 1 : 0);
      for (let c = 0; c < d; c++) residual[c]! += scale * users[u * d + c]!;
    }
    for (const value of residual) expect(Math.abs(value)).toBeLessThan(1e-3);
  }
});
