import { expect, test } from "vitest";
import { embeddingLoss, randomRows } from "../../test/embedding-loss.ts";
import loss from "./rkd.ts";

const [users, n] = [2, 6];

const value = async (teacher: number[][], student: number[][], options: object) => {
  const side = (from: number, to: number) => ({ teacher: teacher.slice(from, to), student: student.slice(from, to) });
  const sides = { user: side(0, users), item: side(users, n) };
  return (await embeddingLoss(loss, sides, { partners: n - 1, ...options })).value;
};

const minus = (a: readonly number[], b: readonly number[]) => a.map((x, i) => x - b[i]!);
const huber = (x: number) => (Math.abs(x) <= 1 ? x ** 2 / 2 : Math.abs(x) - 0.5);

test("distances of all pairs, in their mean", async () => {
  const [teacher, student] = [randomRows(n, 3), randomRows(n, 2)];
  const far = (all: number[][]) => {
    const lengths = all.map((a) => all.map((b) => Math.hypot(...minus(a, b))));
    const mean = lengths.flat().reduce((a, b) => a + b) / (n * (n - 1));
    return lengths.map((row) => row.map((x) => x / mean));
  };
  const [theirs, own] = [far(teacher), far(student)];
  const all = theirs.flatMap((row, i) => row.map((x, j) => huber(x - own[i]![j]!)));
  expect(await value(teacher, student, { angle: 0 })).toBeCloseTo(all.reduce((a, b) => a + b) / (n - 1), 4);
});

test("angles between one partner and the next", async () => {
  const [teacher, student] = [randomRows(n, 3), randomRows(n, 2)];
  const open = (all: number[][], i: number, p: number) => {
    const way = (by: number) => minus(all[(i + by) % n]!, all[i]!);
    const [a, b] = [way(p + 1), way(((p + 1) % (n - 1)) + 1)];
    return a.reduce((sum, x, k) => sum + x * b[k]!, 0) / Math.hypot(...a) / Math.hypot(...b);
  };
  let sum = 0;
  for (let i = 0; i < n; i++) {
    for (let p = 0; p < n - 1; p++) sum += huber(open(teacher, i, p) - open(student, i, p)) / (n - 1);
  }
  expect(await value(teacher, student, { distance: 0, angle: 1 })).toBeCloseTo(sum, 4);
});

test("a teacher that is turned, moved and larger is the same teacher", async () => {
  const student = randomRows(n, 2);
  const teacher = student.map(([x, y]) => [3 * y! + 1, 5, 2 - 3 * x!]);
  expect(await value(teacher, student, {})).toBeCloseTo(0, 5);
});
