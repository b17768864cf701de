// What every model promises: it finds a pattern whose right answer is known, repeats itself to the byte, and its ONNX
// export gives its scores. The files models*.test.ts run it, each for some models, so that workers share them.

import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createRng } from "../../src/base/rng.ts";
import { type Interactions, rowOf, sequenceOf } from "../../src/data/interactions.ts";
import { wordsOf } from "../../src/data/raw-table.ts";
import type { Kernels } from "../../src/kernels/kernels.ts";
import type { Guidance } from "../../src/kinds/guidance.ts";
import type { FitContext, ModelMethod } from "../../src/kinds/model.ts";
import { all as losses } from "../../src/losses/index.ts";
import { all } from "../../src/models/index.ts";
import { onnxRuntime } from "../../src/node/onnx-runtime.ts";
import { openKernels } from "../../src/node/threads.ts";
import { encodeOnnx } from "../../src/onnx/encode.ts";
import { encodeRecommender } from "../../src/pipeline/recommender-files.ts";
import { lowerToOnnx } from "../../src/recommender/lower.ts";
import { type Recommender, tableNames } from "../../src/recommender/recommender.ts";
import { openScorer, type Query } from "../../src/recommender/scorer.ts";
import { checkerboard, randomBoard } from "../boards.ts";

const towers = { d: 8, embedding: 16, every: 15, batch: 128, learningRate: 0.02 };
const parityColumn = [{ kind: "category", column: "parity" }];

/**
 * Options under which a model learns a board of 40 users (the defaults are for data a thousand times larger), one entry
 * for each way that the model can go; a model that is not named here runs with its defaults.
 */
const forTinyData: Record<string, readonly object[]> = {
  "bpr-mf": [{ d: 8, epochs: 120 }],
  cosine: [
    { d: 16, epochs: 30, batch: 20, negatives: 20, learningRate: 0.03 },
    { d: 32, levels: 4, epochs: 30, batch: 20, negatives: 20, learningRate: 0.03 },
  ],
  ials: [{ d: 8 }, { d: 8, cgSteps: 3 }],
  inductive: [
    { d: 8, epochs: 3, negatives: 10, learningRate: 0.1 },
    { d: 8, epochs: 3, negatives: 10, learningRate: 0.1, tied: true, pool: "mean" },
  ],
  lightgcn: [
    { d: 8, epochs: 60, batch: 200, negatives: 20, learningRate: 0.02 },
    { d: 8, epochs: 60, batch: 200, loss: "bpr", learningRate: 0.02 },
  ],
  gru4rec: [
    { d: 16, hidden: 24, length: 10, epochs: 30, every: 30, batch: 20, negatives: 40, dropout: 0, learningRate: 0.03 },
  ],
  sasrec: [
    { d: 16, blocks: 1, length: 20, epochs: 20, every: 20, batch: 20, negatives: 40, dropout: 0, learningRate: 0.03 },
    { d: 16, blocks: 1, heads: 2, length: 8, epochs: 30, batch: 40, loss: "bce", dropout: 0, learningRate: 0.03 },
  ],
  "mult-vae": [
    { hidden: 24, latent: 8, epochs: 60, every: 60, batch: 20, beta: 0.05, learningRate: 0.02 },
    { hidden: 24, latent: 8, epochs: 60, every: 60, batch: 20, beta: 0, learningRate: 0.02, candidates: 30 },
  ],
  "two-tower": [
    { ...towers, hidden: [16], epochs: 15, itemColumns: parityColumn },
    { ...towers, hidden: [16], epochs: 15, itemColumns: parityColumn, userColumns: parityColumn },
    {
      ...towers,
      hidden: [],
      user: "id",
      loss: "bpr",
      cosine: false,
      epochs: 15,
      learningRate: 0.05,
    },
    { ...towers, hidden: [16], loss: "ccl", epochs: 20, negatives: 40, margin: 0.2, weight: 5 },
  ],
  mf: [
    { d: 8, epochs: 60, batch: 200, learningRate: 0.05, decay: 0.01, initialScale: 0.1 },
    {
      d: 24,
      epochs: 60,
      batch: 200,
      learningRate: 0.05,
      finalRate: 0.1,
      decay: 0.01,
      initialScale: 0.1,
      bits: { levels: 4 },
    },
  ],
  "mutual-mf": [
    { d: 8, wide: 16, epochs: 30, alone: 15, batch: 200, learningRate: 0.05, decay: 0.01, initialScale: 0.1 },
  ],
  "few-bit": [
    { d: 64, epochs: 30, batch: 10, learningRate: 0.02 },
    { d: 128, epochs: 60, batch: 10, learningRate: 0.02, levels: 4, scales: "f16" },
  ],
  "item-knn": [{ shrink: 0 }, { shrink: 0, weighting: "bm25" }],
};
const casesOf = (names: readonly string[]) =>
  (all as unknown as readonly ModelMethod[])
    .filter(({ name }) => names.includes(name))
    .flatMap((model) =>
      (forTinyData[model.name] ?? [{}]).map((given) => ({
        ...{ title: `${model.name} ${JSON.stringify(given)}`, model, given },
      })),
    );

const slow = { sequences: ["sasrec", "gru4rec"], autoencoders: ["mult-vae"], towers: ["two-tower"] };
/** Every model in one group. */
export const groups: Record<keyof typeof slow | "others", readonly string[]> = {
  ...slow,
  others: all.map(({ name }) => name as string).filter((name) => !Object.values(slow).flat().includes(name)),
};

const SIZE = 40;
/** User u took the items u + 2, u + 4 … around to u - 2, so that u is also the one that follows. */
const board: Interactions = inOrder(checkerboard(SIZE), (user, item) => (item - user + SIZE) % SIZE);
const [noise, taught] = [1, 8].map((seed) => {
  const rng = createRng(seed);
  return inOrder(randomBoard(seed), () => rng.below(9));
}) as [Interactions, Interactions];

function inOrder(taken: Interactions, when: (user: number, item: number) => number): Interactions {
  const times = new Float64Array(taken.indices.length);
  for (let user = 0; user < taken.users; user++) {
    rowOf(taken, user).forEach((item, at) => {
      times[taken.indptr[user]! + at] = when(user, item);
    });
  }
  return { ...taken, times };
}
/** What is said of each: whether its number is even. */
const parity = (n: number) => ({
  n,
  columns: new Map([["parity", wordsOf(Array.from({ length: n }, (_, i) => `${i % 2}`))]]),
});

function contextOf(kernels: Kernels, { users, items }: Interactions, seed = 1, guidance?: Guidance): FitContext {
  return {
    features: { userFeatures: parity(users), itemFeatures: parity(items) },
    kernels,
    runtime: onnxRuntime({ threads: kernels.threads }),
    rng: createRng(seed),
    progress: () => {},
    ...(guidance && { guidance }),
  };
}

const queryOf = ({ query }: Recommender, train: Interactions, user: number): Query =>
  query === "user" ? { user } : query === "history" ? { history: sequenceOf(train, user) } : {};

const bytesOf = (recommender: Recommender) =>
  Object.fromEntries(
    Object.entries(encodeRecommender(recommender)).map(([name, bytes]) => [
      name,
      Buffer.from(bytes).toString("base64"),
    ]),
  );

/** With `padded` an encoder's history is filled up in front to all that it reads. */
async function onnxScores(
  session: InferenceSession,
  recommender: Recommender,
  train: Interactions,
  user: number,
  padded = false,
): Promise<Float32Array> {
  const history = recommender.query === "history";
  // What an encoder reads; an empty history is a row of padding to it.
  const latest = [...sequenceOf(train, user)].slice(-(recommender.encoder?.length ?? train.items));
  const { encoder } = recommender;
  const places = encoder ? (padded ? Math.min(encoder.length, 40) : 1) : 0;
  const given = [...new Array<number>(Math.max(0, places - latest.length)).fill(-1), ...latest];
  const ids = BigInt64Array.from(history ? given : [user], BigInt);
  const feeds = history
    ? { history: new Tensor("int64", ids, [1, ids.length]) }
    : { user: new Tensor("int64", ids, [1]) };
  const { scores } = await session.run(feeds);
  return scores!.data as Float32Array;
}

/** Registers the suite for the models named. */
export function modelSuite(names: readonly string[]): void {
  let one: Kernels;
  let two: Kernels;
  beforeAll(async () => {
    [one, two] = [await openKernels(1), await openKernels(2)];
  });
  afterAll(() => Promise.all([one.close(), two.close()]));

  describe.each(casesOf(names))("$title", ({ model, given }) => {
    const options = model.options.parse(given);
    const fitted = new Map<Interactions, Promise<Recommender>>();
    const fitOnce = (train: Interactions) => {
      const kept = fitted.get(train) ?? model.fit(train, options, contextOf(one, train));
      fitted.set(train, kept);
      return kept;
    };

    /** One more fit of the noise, and what it left behind. */
    const observe = async () => {
      const train = structuredClone(noise);
      const steps: [number, number][] = [];
      const probe = () => {
        const scope = one.scope();
        const at = scope.u8(64).byteOffset;
        scope.free();
        return at;
      };
      const free = probe();
      const progress = (done: number, total: number) => steps.push([done, total]);
      const recommender = await model.fit(train, options, { ...contextOf(one, train), progress });
      return { train, steps, recommender, freed: probe() === free };
    };
    let observed: ReturnType<typeof observe> | undefined;
    const observedOnce = () => (observed ??= observe());

    test("fits tables of the shapes that the recommender's form asks for", async () => {
      const train = noise;
      const { query, items, tables, encoder } = await fitOnce(train);
      expect(items).toBe(train.items);
      for (const name of tableNames) {
        const table = tables[name];
        if (!table) continue;
        expect(table.rows).toBe(name === "user" ? train.users : name === "history" || name === "item" ? items : 1);
        if (name === "gain" || name === "bias") expect(table.cols).toBe(items);
        if (name === "user") expect(table.cols).toBe(tables.item?.cols ?? items);
        if (name === "history") expect(table.cols).toBe(encoder?.width ?? tables.item?.cols ?? items);
      }
      expect(Boolean(tables.user)).toBe(query === "user");
      expect(Boolean(tables.history ?? tables.item)).toBe(query !== "none");
    });

    test("knows the checkerboard's missing squares, if it knows users at all", async () => {
      const recommender = await fitOnce(board);
      if (recommender.query === "none") return;
      const scorer = openScorer(one, recommender);
      try {
        const found = Array.from(
          { length: SIZE },
          (_, user) => scorer.recommend(queryOf(recommender, board, user), 1, rowOf(board, user)).items[0],
        );
        expect(found).toEqual(Array.from({ length: SIZE }, (_, user) => user));
      } finally {
        scorer.free();
      }
    });

    test("gives the same bytes for the same seed, on any number of threads", async () => {
      const first = bytesOf(await fitOnce(noise));
      expect(bytesOf((await observedOnce()).recommender)).toEqual(first);
      expect(bytesOf(await model.fit(noise, options, contextOf(two, noise)))).toEqual(first);
      expect(bytesOf(await model.fit(board, options, contextOf(two, board)))).toEqual(bytesOf(await fitOnce(board)));
    });

    test("leaves the interactions alone and gives all kernel memory back", async () => {
      const { train, freed } = await observedOnce();
      expect(train).toEqual(noise);
      expect(freed).toBe(true);
    });

    test("reports its progress up to the end", async () => {
      const { steps } = await observedOnce();
      for (let s = 0; s < steps.length; s++) {
        expect(steps[s]![0]).toBeGreaterThan(s ? steps[s - 1]![0] : 0);
        expect(steps[s]![0]).toBeLessThanOrEqual(steps[s]![1]);
      }
      if (steps.length) expect(steps.at(-1)![0]).toBe(steps.at(-1)![1]);
    });

    test("scores are finite for every user, one without items included", async () => {
      const train = noise;
      const recommender = await fitOnce(train);
      const scorer = openScorer(one, recommender);
      try {
        for (let user = 0; user < train.users; user++) {
          expect(scorer.score(queryOf(recommender, train, user)).every(Number.isFinite)).toBe(true);
        }
      } finally {
        scorer.free();
      }
    });

    test("its ONNX export runs in ONNX Runtime and scores within 1e-4 of the scorer", async () => {
      for (const train of [board, noise]) {
        const recommender = await fitOnce(train);
        const scorer = openScorer(one, recommender);
        const session = await InferenceSession.create(encodeOnnx(lowerToOnnx(recommender)), { intraOpNumThreads: 1 });
        try {
          for (const user of [0, 1, train.users - 1]) {
            const ours = scorer.score(queryOf(recommender, train, user)).slice();
            // Relative to the largest score: the order of float32 sums differs, the numbers do not.
            const size = Math.max(1, ...ours.map(Math.abs));
            for (const padded of recommender.encoder ? [false, true] : [false]) {
              const theirs = await onnxScores(session, recommender, train, user, padded);
              expect(theirs).toHaveLength(ours.length);
              for (let j = 0; j < ours.length; j++) expect(Math.abs(ours[j]! - theirs[j]!)).toBeLessThan(1e-4 * size);
            }
          }
        } finally {
          await session.release();
          scorer.free();
        }
      }
    });

    if (model.guided.length === 0) return;

    test("learns from a teacher's lists alone what the interactions do not say", async () => {
      // The teacher lists each user's own square first, then the other parity from the top; the interactions are noise.
      const train = taught;
      const n = 3;
      const items = new Int32Array(train.users * n);
      for (let u = 0; u < train.users; u++) {
        const free = Array.from({ length: train.items }, (_, i) => i).filter((i) => !rowOf(train, u).includes(i));
        const wanted = [...free.filter((i) => i % 2 === u % 2), ...free].slice(0, n);
        items.set(wanted, u * n);
      }
      const scores = Float32Array.from(items, (_, at) => n - (at % n));
      const teacher: Recommender = await (all.find((m) => m.name === "popularity") as unknown as ModelMethod).fit(
        train,
        {},
        contextOf(one, train),
      );
      // The others say nothing of what is not listed: alone they raise everything.
      for (const loss of losses.filter(({ name }) => ["rrd", "soft-label"].includes(name))) {
        const guidance: Guidance = {
          ...{ lists: { n, items, scores }, alpha: 1, teacher },
          terms: [
            {
              loss: loss as never,
              options: loss.options.parse({ listed: n, unlisted: 3 }),
              weight: 1,
            },
          ],
        };
        const epochs = slow.towers.includes(model.name) ? 30 : 100;
        const student = () => model.fit(train, { ...(options as object), epochs }, contextOf(one, train, 1, guidance));
        const recommender = await student();
        if (loss.name === "rrd") expect(bytesOf(await student())).toEqual(bytesOf(recommender));
        const scorer = openScorer(one, recommender);
        let agreed = 0;
        for (let u = 0; u < train.users; u++) {
          const top = scorer.recommend(queryOf(recommender, train, u), n, rowOf(train, u)).items;
          agreed += top.filter((item) => items.subarray(u * n, (u + 1) * n).includes(item)).length;
        }
        scorer.free();
        // A random list of 3 among about 13 free items shares a quarter of the teacher's; half shows learning.
        expect(agreed / (train.users * n)).toBeGreaterThan(0.5);
      }
    });
  });
}
