import { expect, test } from "vitest";
import { checkerboard } from "../../test/boards.ts";
import { runtime } from "../../test/runtime.ts";
import { createRng } from "../base/rng.ts";
import { openKernels } from "../node/threads.ts";
import bprMf from "./bpr-mf.ts";

test("its loss falls towards zero on a pattern that factors can hold", async () => {
  const losses: number[] = [];
  const kernels = await openKernels(1);
  await bprMf.fit(checkerboard(30), bprMf.options.parse({ d: 8, epochs: 100 }), {
    kernels,
    runtime,
    rng: createRng(1),
    progress: (_done, _total, note) => losses.push(Number(/loss ([\d.]+)/.exec(note!)![1])),
  });
  expect(losses).toHaveLength(100);
  expect(losses[0]).toBeGreaterThan(0.5);
  expect(losses.at(-1)).toBeLessThan(0.25);
});
