import { expect, test } from "vitest";
import { randomBoard } from "../../test/boards.ts";
import { runtime } from "../../test/runtime.ts";
import { createRng } from "../base/rng.ts";
import { rowOf } from "../data/interactions.ts";
import type { Guidance } from "../kinds/guidance.ts";
import softLabel from "../losses/soft-label.ts";
import { openKernels } from "../node/threads.ts";
import { recommendAll } from "../recommender/recommend-all.ts";
import type { Recommender } from "../recommender/recommender.ts";
import { decodeTable } from "../tables/decode.ts";
import { f32Table, type Table } from "../tables/table.ts";
import ials from "./ials.ts";
import mf from "./mf.ts";

const train = randomBoard(3);
const users = Int32Array.from({ length: train.users }, (_, u) => u);
const k = 5;

async function taught() {
  const around = { kernels: await openKernels(1), runtime, rng: createRng(1), progress() {} };
  const teacher = await ials.fit(train, ials.options.parse({ d: 12 }), around);
  const { items, scores } = await recommendAll(around.kernels, teacher, {
    ...{ users, histories: train, exclude: train, k },
  });
  const options = softLabel.options.parse({ listed: k, unlisted: 10 });
  const guidance: Guidance = {
    ...{ lists: { n: k, items, scores }, alpha: 1, teacher },
    terms: [{ loss: softLabel, options, weight: 1 }],
  };
  const learn = (given: object, guide?: Partial<Guidance>) =>
    mf.fit(train, mf.options.parse({ d: 4, batch: 16, decay: 0, ...given }), {
      ...around,
      ...(guide && { guidance: { ...guidance, ...guide } }),
    });
  /** The share of users whose best item is the teacher's. */
  const kept = async (student: Recommender) => {
    const best = await recommendAll(around.kernels, student, { users, histories: train, exclude: train, k: 1 });
    return users.filter((u) => best.items[u] === items[u * k]).length / train.users;
  };
  return { learn, kept };
}

const bytes = ({ tables }: Recommender) => [tables.user!, tables.item!].map((table) => decodeTable(table));

test("a student that starts as its teacher's stand-in learns by candidates alone what that lost", async () => {
  const { learn, kept } = await taught();
  const start = await kept(await learn({ start: "teacher", epochs: 0 }, {}));
  const random = await kept(await learn({ epochs: 0 }, {}));
  const after = await kept(await learn({ start: "teacher", epochs: 60, learningRate: 0.05, finalRate: 0.1 }, {}));
  expect(start).toBeGreaterThan(random + 0.1);
  expect(after).toBeGreaterThan(start + 0.05);
});

test("a teacher that never begins changes nothing, one that begins late changes what follows", async () => {
  const { learn } = await taught();
  const alone = bytes(await learn({ epochs: 3 }));
  expect(bytes(await learn({ epochs: 3 }, { after: 3 }))).toEqual(alone);
  expect(bytes(await learn({ epochs: 3 }, { after: 2 }))).not.toEqual(alone);
});

test("half of the teacher's share still counts candidates, beside the interactions", async () => {
  const { learn, kept } = await taught();
  const options = { epochs: 40, learningRate: 0.02 };
  const both = await kept(await learn(options, { alpha: 0.5 }));
  expect(both).toBeGreaterThan((await kept(await learn(options))) + 0.05);
});

test("with bits both tables ship in levels, and learning mends what they lose", async () => {
  const { learn, kept } = await taught();
  const student = (epochs: number) =>
    learn({ d: 12, start: "teacher", epochs, learningRate: 0.05, bits: { levels: 2 } }, {});
  const [before, after] = [await student(1), await student(60)];
  expect([after.tables.user!.encoding, after.tables.item!.encoding]).toEqual(["levels-row", "levels-row"]);
  expect(await kept(after)).toBeGreaterThan(await kept(before));
});

test("what learned at nested widths ranks better once it is cut there", async () => {
  const { learn } = await taught();
  const cut = ({ tables, ...rest }: Recommender): Recommender => {
    const leading = (table: Table) =>
      f32Table(
        table.rows,
        2,
        decodeTable(table).filter((_, i) => i % table.cols < 2),
      );
    return { ...rest, tables: { user: leading(tables.user!), item: leading(tables.item!) } };
  };
  const ranked = ({ tables }: Recommender) => {
    const [user, item] = [decodeTable(tables.user!), decodeTable(tables.item!)];
    let right = 0;
    for (const u of users) {
      const score = (i: number) => user[u * 2]! * item[i * 2]! + user[u * 2 + 1]! * item[i * 2 + 1]!;
      const [own, all] = [[...rowOf(train, u)], Array.from({ length: train.items }, (_, i) => i)];
      const others = all.filter((i) => !own.includes(i));
      right += own.reduce((sum, i) => sum + others.filter((j) => score(i) > score(j)).length / others.length, 0);
    }
    return right / train.indices.length;
  };
  const options = { d: 12, epochs: 60, learningRate: 0.02 };
  const [plain, nested] = [await learn(options), await learn({ ...options, nested: [2] })];
  expect(ranked(cut(nested))).toBeGreaterThan(ranked(cut(plain)) + 0.02);
  await expect(learn({ ...options, nested: [4, 12] })).rejects.toThrow(/nested widths must be below d = 12, got 4,12/);
});

test("visits in every batch count beside the interactions; candidates alone are visited once in any case", async () => {
  const { learn } = await taught();
  const both = async (alpha: number) => {
    const of = async (visits: string) => bytes(await learn({ epochs: 2, visits }, { alpha }));
    return [await of("once"), await of("always")] as const;
  };
  const [once, always] = await both(0.5);
  expect(once).not.toEqual(always);
  const [alone, again] = await both(1);
  expect(alone).toEqual(again);
});
