import { afterAll, expect, test } from "vitest";
import { fromRows } from "../../../test/boards.ts";
import { runtime } from "../../../test/runtime.ts";
import { createRng } from "../../base/rng.ts";
import type { Guidance } from "../../kinds/guidance.ts";
import rrd from "../../losses/rrd.ts";
import softLabel from "../../losses/soft-label.ts";
import gru4rec from "../../models/gru4rec.ts";
import sasrec from "../../models/sasrec.ts";
import { openKernels } from "../../node/threads.ts";
import { openScorer } from "../../recommender/scorer.ts";

const kernels = await openKernels(1);
afterAll(() => kernels.close());

// Everyone has two neighbours on a ring of 12; the teacher wants each to see the ones opposite, which no interaction says.
const items = 12;
const train = fromRows(
  Array.from({ length: items }, (_, u) => [u, (u + 1) % items].sort((a, b) => a - b)),
  items,
);
const wanted = (u: number) => [(u + 6) % items, (u + 7) % items];
const lists = {
  n: 2,
  items: Int32Array.from(Array.from({ length: items }, (_, u) => wanted(u)).flat()),
  scores: Float32Array.from({ length: 2 * items }, (_, i) => (i % 2 ? 6 : 8)),
};
const guidance = (alpha: number, loss: unknown, options: object): Guidance => ({
  ...{ lists, alpha, teacher: undefined },
  terms: [{ loss: loss as Guidance["terms"][0]["loss"], options, weight: 1 }],
});

const models = { sasrec, gru4rec } as const;
test.each([
  ["sasrec", "soft-label", softLabel, { listed: 2, unlisted: 6, temperature: 1 }],
  ["gru4rec", "soft-label", softLabel, { listed: 2, unlisted: 6, temperature: 1 }],
  ["sasrec", "rrd", rrd, { listed: 2, unlisted: 6 }],
] as const)("%s learns by %s what only the teacher knows", async (name, _loss, loss, given) => {
  const model = models[name] as typeof sasrec;
  const options = { d: 16, length: 4, epochs: 60, every: 60, batch: 6, dropout: 0, negatives: 8, learningRate: 0.02 };
  const fitted = (guide?: Guidance) =>
    model.fit(train, model.options.parse(options), {
      ...{ kernels, runtime, rng: createRng(1), progress: () => {} },
      ...(guide && { guidance: guide }),
    });
  const hits = async (guide?: Guidance) => {
    const scorer = openScorer(kernels, await fitted(guide));
    const found = Array.from({ length: items }, (_, u) => {
      const history = Int32Array.from([u, (u + 1) % items].sort((a, b) => a - b));
      return [...scorer.recommend({ history }, 2, history).items].filter((item) => wanted(u).includes(item)).length;
    });
    scorer.free();
    return found.reduce((a, b) => a + b, 0) / (2 * items);
  };
  expect(await hits(guidance(0.9, loss, loss.options.parse(given)))).toBeGreaterThan(0.9);
  expect(await hits()).toBeLessThan(0.6);
});
