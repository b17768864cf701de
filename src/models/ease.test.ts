import { expect, test } from "vitest";
import { randomBoard } from "../../test/boards.ts";
import { runtime } from "../../test/runtime.ts";
import { createRng } from "../base/rng.ts";
import { type Interactions, rowOf } from "../data/interactions.ts";
import { openKernels } from "../node/threads.ts";
import { decodeTable } from "../tables/decode.ts";
import ease from "./ease.ts";

const fitted = async (train: Interactions, lambda: number) => {
  const kernels = await openKernels(1);
  return ease.fit(train, ease.options.parse({ lambda }), { kernels, runtime, rng: createRng(1), progress() {} });
};

test("each item is the ridge regression on all others: no other weights have a smaller objective", async () => {
  const train = randomBoard(1);
  const lambda = 3;
  const n = train.items;
  const B = Float64Array.from(decodeTable((await fitted(train, lambda)).tables.history!));
  // The optimum under B_jj = 0 has a zero gradient off the diagonal: (XᵀX + λI) B - XᵀX = diag.
  const gram = new Float64Array(n * n);
  for (let u = 0; u < train.users; u++) {
    for (const i of rowOf(train, u)) for (const j of rowOf(train, u)) gram[i * n + j]! += 1;
  }
  for (let i = 0; i < n; i++) {
    expect(B[i * n + i]).toBe(0);
    for (let j = 0; j < n; j++) {
      if (i === j) continue;
      let slope = lambda * B[i * n + j]! - gram[i * n + j]!;
      for (let k = 0; k < n; k++) slope += gram[i * n + k]! * B[k * n + j]!;
      expect(Math.abs(slope)).toBeLessThan(1e-3);
    }
  }
});

test("refuses a catalogue whose matrix it is not built for, before it takes memory", async () => {
  const large = { ...randomBoard(1), items: 20_001 };
  await expect(fitted(large, 100)).rejects.toThrow(/^ease: .*20001.*at most 20000.*\.$/);
});
