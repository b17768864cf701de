import fc from "fast-check";
import { expect, test } from "vitest";
import type { Interactions } from "../data/interactions.ts";
import { openSharedKernels } from "../kernels/open-shared.ts";
import { f32Table } from "../tables/table.ts";
import { drawnCandidates, givenCandidates } from "./candidates.ts";
import { type Judgement, rankAll, rankCandidates } from "./lists.ts";

const matrix = (rows: readonly (readonly number[])[], items: number): Interactions => ({
  ...{ users: rows.length, items, indices: Int32Array.from(rows.flat()) },
  indptr: Int32Array.from([0, ...rows.map((_, u) => rows.slice(0, u + 1).flat().length)]),
  values: new Float32Array(rows.flat().length).fill(1),
});
const judging = (train: number[][], truth: number[][], items: number): Judgement => {
  const given = matrix(train, items);
  return { train: given, seen: given, truth: matrix(truth, items) };
};
const ids = (users: number, items: number) => ({
  userIds: Array.from({ length: users }, (_, u) => `u${u}`),
  itemIds: Array.from({ length: items }, (_, i) => `i${i}`),
});

/** A board of at most 6 users and 12 items: each user takes some, and is to find some others. */
const boards = fc.integer({ min: 2, max: 12 }).chain((items) =>
  fc
    .array(fc.array(fc.constantFrom("seen", "wanted", "other"), { minLength: items, maxLength: items }), {
      ...{ minLength: 1, maxLength: 6 },
    })
    .map((users) => {
      users[0]![0] = "wanted";
      const where = (what: string) => users.map((row) => row.flatMap((is, item) => (is === what ? [item] : [])));
      return { items, users: users.length, judgement: judging(where("seen"), where("wanted"), items) };
    }),
);
const rowOf = ({ start, items }: { start: Int32Array; items: Int32Array }, user: number) => [
  ...items.subarray(start[user]!, start[user + 1]!),
];
const row = (of: Interactions, user: number) => [...of.indices.subarray(of.indptr[user]!, of.indptr[user + 1]!)];

/** Scores with ties as a recommender: three dimensions of small whole numbers. */
const factors = (users: number, items: number) => {
  const numbers = (n: number, by: number) => Float32Array.from({ length: n * 3 }, (_, at) => ((at * by) % 5) - 2);
  const tables = {
    ...{ user: f32Table(users, 3, numbers(users, 7)), item: f32Table(items, 3, numbers(items, 3)) },
    bias: f32Table(
      1,
      items,
      Float32Array.from({ length: items }, (_, i) => (i % 3) / 2),
    ),
  };
  return { query: "user", pool: "sum", items, tables } as const;
};

test("drawn: as many as asked for, no repeats, nothing seen, everything to be found, the same for a seed", () => {
  fc.assert(
    fc.property(boards, fc.integer({ min: 1, max: 12 }), fc.constantFrom("uniform", "popularity"), (board, n, by) => {
      const { judgement, users, items } = board;
      const options = { negatives: n, seed: 3, by } as const;
      const drawn = drawnCandidates(options, judgement, ids(users, items));
      const drawable = (item: number) => by === "uniform" || judgement.train.indices.includes(item);
      for (let u = 0; u < users; u++) {
        const [own, wanted, seen] = [rowOf(drawn, u), row(judgement.truth, u), row(judgement.seen, u)];
        if (wanted.length === 0) {
          expect(own).toEqual([]);
          continue;
        }
        expect(own).toEqual([...new Set(own)].sort((a, b) => a - b));
        expect(wanted.every((item) => own.includes(item))).toBe(true);
        expect(own.some((item) => seen.includes(item))).toBe(false);
        const left = Array.from({ length: items }, (_, i) => i).filter(
          (item) => drawable(item) && !wanted.includes(item) && !seen.includes(item),
        );
        expect(own.length).toBe(wanted.length + Math.min(n, left.length));
      }
      expect(drawnCandidates(options, judgement, ids(users, items))).toEqual(drawn);
    }),
  );
});

test("drawn by popularity: in proportion to train", () => {
  // Item 1 was taken by 3 of 4, item 2 by 1 of 4.
  const users = 1500;
  const train = Array.from({ length: users }, (_, u) => (u < 3 ? [1] : u < 4 ? [2] : []));
  const judgement = judging(
    train,
    train.map((_, u) => (u < 4 ? [] : [0])),
    3,
  );
  const drawn = drawnCandidates({ negatives: 1, seed: 1, by: "popularity" }, judgement, ids(users, 3));
  const ones = drawn.items.reduce((sum, item) => sum + (item === 1 ? 1 : 0), 0);
  expect(Math.abs(ones / (users - 4) - 3 / 4)).toBeLessThan(0.05);
  expect(drawn.perUser).toBe(2);
});

test("the fingerprint follows from whose candidates are what, not from the order of ids or rows", () => {
  const judgement = judging([[], []], [[0], [1]], 3);
  const pairs: [string, string][] = [
    ["u0", "i2"],
    ["u1", "i2"],
    ["u1", "i0"],
  ];
  const given = (rows: [string, string][], { userIds, itemIds } = ids(2, 3), turned = judgement) =>
    givenCandidates(
      { user: rows.map(([user]) => user), item: rows.map(([, item]) => item) },
      turned,
      { userIds, itemIds },
      "c.csv",
    ).candidates.fingerprint;
  const first = given(pairs);
  expect(given([...pairs].reverse())).toBe(first);
  const turned = { userIds: ["u1", "u0"], itemIds: ["i2", "i1", "i0"] };
  expect(given(pairs, turned, judging([[], []], [[1], [2]], 3))).toBe(first);
  expect(given(pairs.slice(1).concat([["u0", "i1"]]))).not.toBe(first);
});

test("a file's rows: what does not count is counted, and what is to be found is added", () => {
  const judgement = judging([[3], [], [], []], [[0, 1], [0], [], [2]], 5);
  const rows = [
    ...["u0 i1", "u0 i4", "u0 i4", "u0 i3", "u1 i2", "u2 i1", "nobody i1", "u1 nothing"],
    ...["u1 i2", "u1 i2"],
  ].map((pair) => pair.split(" "));
  const found = givenCandidates(
    { user: rows.map(([user]) => user!), item: rows.map(([, item]) => item!) },
    judgement,
    ids(4, 5),
    "c.csv",
  );
  expect([0, 1, 2, 3].map((user) => rowOf(found.candidates, user))).toEqual([[0, 1, 4], [0, 2], [], []]);
  expect(found.candidates).toMatchObject({ kind: "file", perUser: 2.5 });
  expect(found.added).toBe(2);
  expect(found.leftOut).toEqual([
    { what: "rows of c.csv whose user or item the data lacks", count: 2 },
    { what: "rows of c.csv of users without an item to find", count: 1 },
    { what: "rows of c.csv with an item that the user had taken before", count: 1 },
    { what: "repeated rows of c.csv", count: 3 },
    { what: "users without a candidate in c.csv", count: 1 },
  ]);
  // u3 is judged no more.
  expect([0, 1, 2, 3].map((user) => row(found.judgement.truth, user))).toEqual([[0, 1], [0], [], []]);
  expect(() => givenCandidates({ user: ["x"], item: ["i1"] }, judgement, ids(4, 5), "c.csv")).toThrow(
    "c.csv: none of its 1 rows is a candidate of a user who has an item to find; check its ids.",
  );
});

test("all items as candidates give the full ranking's lists and places, and places leave the lists as they are", async () => {
  const kernels = await openSharedKernels();
  await fc.assert(
    fc.asyncProperty(boards, fc.integer({ min: 1, max: 14 }), async ({ judgement, users, items }, k) => {
      const recommender = factors(users, items);
      const plain = await rankAll(kernels, recommender, judgement, k);
      const full = await rankAll(kernels, recommender, judgement, k, { places: true });
      expect(full.items).toEqual(plain.items);
      const everything = drawnCandidates({ negatives: items, seed: 1, by: "uniform" }, judgement, ids(users, items));
      expect(await rankCandidates(kernels, recommender, judgement, everything, k, { places: true })).toEqual(full);
      const { user, item, bias } = recommender.tables;
      const numbers = (table: typeof user) => table.tensors["data"] as Float32Array;
      for (const [r, u] of full.users.entries()) {
        const score = (j: number) =>
          [0, 1, 2].reduce((sum, d) => sum + numbers(user)[u * 3 + d]! * numbers(item)[j * 3 + d]!, numbers(bias)[j]!);
        const wanted = row(judgement.truth, u);
        const others = Array.from({ length: items }, (_, j) => j).filter(
          (j) => !wanted.includes(j) && !row(judgement.seen, u).includes(j),
        );
        const count = (holds: (a: number, b: number) => boolean) =>
          Int32Array.from(wanted, (w) => others.filter((j) => holds(score(j), score(w))).length);
        expect(full.places![r]).toEqual({
          above: count((a, b) => a > b),
          tied: count((a, b) => a === b),
          others: others.length,
        });
      }
    }),
    { numRuns: 60 },
  );
});

test("only candidates are listed, the rest is padding", async () => {
  const judgement = judging([[0]], [[3]], 5);
  const given = givenCandidates({ user: ["u0", "u0"], item: ["i1", "i0"] }, judgement, ids(1, 5), "c.csv");
  const tables = { bias: f32Table(1, 5, Float32Array.of(9, 1, 8, 2, 7)) };
  const popularity = { query: "none", pool: "sum", items: 5, tables } as const;
  const lists = await rankCandidates(await openSharedKernels(), popularity, given.judgement, given.candidates, 4);
  expect([...lists.items]).toEqual([3, 1, -1, -1]);
});

test("a score that is NaN is one error that names the model and the user", async () => {
  const kernels = await openSharedKernels();
  const judgement = judging([[0], [1], [2]], [[1], [], [0]], 4);
  const ranking = { name: "student-int4", userIds: ["anna", "ben", "cleo"] };
  const sound = factors(3, 4);
  const spoil = (table: "user" | "item" | "bias", at: number) => {
    const tables = Object.entries(sound.tables).map(([name, { rows, cols, tensors }]) => {
      const data = (tensors["data"] as Float32Array).slice();
      if (name === table) data[at] = Number.NaN;
      return [name, f32Table(rows, cols, data)];
    });
    return { ...sound, tables: Object.fromEntries(tables) };
  };
  const scores = {
    ...sound,
    query: "none",
    tables: { bias: f32Table(1, 4, Float32Array.of(1, Number.NaN, 2, 3)) },
  } as const;
  for (const [broken, who] of [
    [spoil("user", 7), "cleo"],
    [spoil("item", 11), "anna"],
    [spoil("bias", 0), "anna"],
    [scores, "anna"],
  ] as const) {
    for (const places of [false, true]) {
      await expect(rankAll(kernels, broken, judgement, 2, { ...ranking, places })).rejects.toThrow(
        `student-int4: a score of user "${who}" is NaN, so nothing can be ranked`,
      );
    }
  }
  // Nobody is judged by user 1's row.
  expect((await rankAll(kernels, spoil("user", 3), judgement, 2, ranking)).users).toEqual(Int32Array.of(0, 2));
});
