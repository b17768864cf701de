import { expect, test } from "vitest";
import { randomBoard } from "../../test/boards.ts";
import { runtime } from "../../test/runtime.ts";
import { createRng } from "../base/rng.ts";
import { openKernels } from "../node/threads.ts";
import { decodeTable } from "../tables/decode.ts";
import { tableBytes } from "../tables/table.ts";
import cosine from "./cosine.ts";

const train = randomBoard(6);

test("what learned in 2 levels ships as 1 bit a number", async () => {
  const kernels = await openKernels(1);
  const around = { kernels, runtime, rng: createRng(1), progress() {} };
  const options = cosine.options.parse({ d: 64, levels: 2, epochs: 2, batch: 16, negatives: 10 });
  const { item, bias } = (await cosine.fit(train, options, around)).tables;
  // 8 bytes a row; two levels, their frequencies and the coder's state.
  expect(tableBytes(item!)).toBeLessThan(train.items * 8 + 16);
  expect(new Set(decodeTable(item!)).size).toBe(2);
  expect(bias!.cols).toBe(train.items);
});
