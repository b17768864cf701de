import { expect, test } from "vitest";
import { randomBoard } from "../../test/boards.ts";
import { runtime } from "../../test/runtime.ts";
import { createRng } from "../base/rng.ts";
import { takenCounts } from "../data/interactions.ts";
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

test("bands take their shares from the most taken items on", async () => {
  const around = { kernels: await openKernels(1), runtime, rng: createRng(1), progress() {} };
  const bands = [{ share: 0.2, levels: 4, d: 16 }];
  const options = cosine.options.parse({ d: 12, levels: 2, bands, epochs: 1, batch: 16, negatives: 10 });
  const { item } = (await cosine.fit(train, options, around)).tables;
  const numbers = decodeTable(item!);
  const wide = Array.from({ length: train.items }, (_, j) =>
    numbers.slice(j * 16 + 12, j * 16 + 16).some((x) => x !== 0),
  );
  const counts = takenCounts(train);
  const least = Math.min(...counts.filter((_, j) => wide[j]));
  expect(wide.filter(Boolean).length).toBe(Math.round(0.2 * train.items));
  expect(Math.max(...counts.filter((_, j) => !wide[j]))).toBeLessThanOrEqual(least);
  const refused = cosine.options.safeParse({
    bands: [
      { share: 0.6, levels: 4, d: 8 },
      { share: 0.5, levels: 2, d: 8 },
    ],
  });
  expect(refused.error!.issues[0]!.message).toBe("must leave a share to all other items");
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
