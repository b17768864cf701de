import { expect, test } from "vitest";
import { randomBoard } from "../../test/boards.ts";
import { runtime } from "../../test/runtime.ts";
import { createRng } from "../base/rng.ts";
import { openKernels } from "../node/threads.ts";
import codebook from "../passes/codebook.ts";
import { decodeTable } from "../tables/decode.ts";
import { tableBytes } from "../tables/table.ts";
import cosine from "./cosine.ts";

const train = randomBoard(6);

test("what it learned in 2 levels packs to 1 bit a number, and nothing is lost but the rounding of two numbers", async () => {
  const kernels = await openKernels(1);
  const around = { kernels, runtime, rng: createRng(1), progress() {} };
  const options = cosine.options.parse({ d: 64, levels: 2, epochs: 2, batch: 16, negatives: 10 });
  const { item } = (await cosine.fit(train, options, around)).tables;
  const packed = await codebook.encode(item!, codebook.options.parse({ clusters: 2 }), around, "item");
  if ("refused" in packed) throw new Error(packed.refused);
  // 8 bytes a row; two levels, their frequencies and the coder's state.
  expect(tableBytes(packed)).toBeLessThan(train.items * 8 + 16);
  const [before, after] = [decodeTable(item!), decodeTable(packed)];
  before.forEach((x, i) => {
    expect(after[i]! / x).toBeCloseTo(1, 3);
  });
});
