import { afterAll, beforeAll, expect, test } from "vitest";
import { randomBoard } from "../../test/boards.ts";
import { createRng } from "../base/rng.ts";
import type { Kernels } from "../kernels/kernels.ts";
import { openKernels } from "../node/threads.ts";
import { decodeTable } from "../tables/decode.ts";
import model from "./mutual-mf.ts";

let kernels: Kernels;
beforeAll(async () => {
  kernels = await openKernels(1);
});
afterAll(() => kernels.close());

const fitted = async (given: object) => {
  const options = model.options.parse({ d: 2, wide: 6, epochs: 6, alone: 2, batch: 50, learningRate: 0.05, ...given });
  const context = { kernels, runtime: undefined as never, rng: createRng(1), progress() {} };
  const { tables } = await model.fit(randomBoard(1), options, context);
  return { width: tables.item!.cols, rows: decodeTable(tables.item!) };
};

test("gives the narrow model or the wide one", async () => {
  expect((await fitted({})).width).toBe(2);
  expect((await fitted({ gives: "wide" })).width).toBe(6);
});

test("each learns of the other: with nothing said, or before anything is, it is another model", async () => {
  for (const gives of ["narrow", "wide"]) {
    const mutual = await fitted({ gives });
    expect((await fitted({ gives, weight: 0 })).rows).not.toEqual(mutual.rows);
    expect((await fitted({ gives, temperature: 1 })).rows).not.toEqual(mutual.rows);
    expect((await fitted({ gives, alone: 6 })).rows).toEqual((await fitted({ gives, alone: 6, weight: 0 })).rows);
  }
});
