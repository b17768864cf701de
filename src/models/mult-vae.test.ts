import { afterAll, expect, test } from "vitest";
import { checkerboard } from "../../test/boards.ts";
import { runtime } from "../../test/runtime.ts";
import { createRng } from "../base/rng.ts";
import { openKernels } from "../node/threads.ts";
import { openScorer } from "../recommender/scorer.ts";
import { decodeTable } from "../tables/decode.ts";
import multVae from "./mult-vae.ts";

const kernels = await openKernels(1);
afterAll(() => kernels.close());

const board = checkerboard(20);
const tiny = { hidden: 8, latent: 4, epochs: 4, every: 4, batch: 8, learningRate: 0.02 };
const fitted = (given: object) =>
  multVae.fit(board, multVae.options.parse({ ...tiny, ...given }), {
    ...{ kernels, runtime, rng: createRng(1), progress: () => {} },
  });
const numbers = async (given: object) => decodeTable((await fitted(given)).tables.item!);

test("answers from the mean code: the same for the same history, whatever its order", async () => {
  const scorer = openScorer(kernels, await fitted({}));
  const score = (...history: number[]) => scorer.score({ history: Int32Array.from(history) }).slice();
  expect(score(1, 7, 5)).toEqual(score(1, 7, 5));
  const back = score(5, 7, 1);
  for (const [j, x] of score(1, 7, 5).entries()) expect(back[j]).toBeCloseTo(x, 5);
  expect(score().every(Number.isFinite)).toBe(true);
  scorer.free();
});

test("as many candidates as items is the whole softmax; fewer is another", async () => {
  const whole = await numbers({});
  expect(await numbers({ candidates: 20 })).toEqual(whole);
  expect(await numbers({ candidates: 1000 })).toEqual(whole);
  expect(await numbers({ candidates: 12 })).not.toEqual(whole);
});

test("the divergence counts, and less while it grows", async () => {
  const none = await numbers({ beta: 0 });
  const [slow, fast] = [await numbers({ beta: 5, annealing: 1000 }), await numbers({ beta: 5, annealing: 1 })];
  const apart = (a: Float32Array) => a.reduce((sum, x, i) => sum + Math.abs(x - none[i]!), 0);
  expect(apart(slow)).toBeGreaterThan(0);
  expect(apart(fast)).toBeGreaterThan(apart(slow));
});
