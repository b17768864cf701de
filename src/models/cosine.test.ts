import { expect, test } from "vitest";
import { randomBoard } from "../../test/boards.ts";
import { runtime } from "../../test/runtime.ts";
import { createRng } from "../base/rng.ts";
import type { Guidance } from "../kinds/guidance.ts";
import type { LossMethod } from "../kinds/loss.ts";
import softLabel from "../losses/soft-label.ts";
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

test("a teacher that begins after the last epoch teaches nothing", async () => {
  const options = cosine.options.parse({ d: 8, epochs: 2, batch: 16, negatives: 10 });
  const lists = { n: 1, items: new Int32Array(train.users), scores: new Float32Array(train.users).fill(1) };
  const terms = [{ loss: softLabel as LossMethod, options: softLabel.options.parse({ unlisted: 2 }), weight: 1 }];
  const fitted = async (guidance?: Guidance) => {
    const around = { kernels: await openKernels(1), runtime, rng: createRng(1), progress() {} };
    return decodeTable((await cosine.fit(train, options, { ...around, ...(guidance && { guidance }) })).tables.item!);
  };
  const taught = (after: number) => fitted({ lists, alpha: 0.5, after, terms, teacher: undefined });
  expect(await taught(2)).toEqual(await fitted());
  expect(await taught(0)).not.toEqual(await fitted());
});
