import { afterAll, beforeAll, expect, test } from "vitest";
import { createRng } from "../../base/rng.ts";
import type { Kernels } from "../../kernels/kernels.ts";
import type { Guidance } from "../../kinds/guidance.ts";
import { openKernels } from "../../node/threads.ts";
import type { Recommender } from "../../recommender/recommender.ts";
import { f32Table } from "../../tables/table.ts";
import { teacherStart } from "./teacher-start.ts";

const [users, items, width] = [14, 19, 5];
const train = {
  ...{ users, items, indptr: new Int32Array(users + 1), indices: new Int32Array(0) },
  values: new Float32Array(0),
};
const rng = createRng(11);
const normal = (n: number) => Float32Array.from({ length: n }, () => rng.normal());
const [U, V] = [normal(users * width), normal(items * width)];
const factors: Recommender = {
  ...{ query: "user", pool: "sum", items },
  tables: { user: f32Table(users, width, U), item: f32Table(items, width, V) },
};
/** Best scores of 2, where 8 is typical: everything is compared at four times the teacher's scores. */
const lists = { n: 1, items: new Int32Array(users), scores: new Float32Array(users).fill(2) };
const scale = 4;
const guided = (teacher: Recommender | undefined): Guidance => ({ lists, alpha: 1, terms: [], teacher });

let kernels: Kernels;
beforeAll(async () => {
  kernels = await openKernels(1);
});
afterAll(() => kernels.close());

const product = (a: Float32Array, b: Float32Array, d: number) =>
  Float64Array.from({ length: users * items }, (_, at) => {
    const [u, i] = [Math.floor(at / items), at % items];
    let sum = 0;
    for (let x = 0; x < d; x++) sum += a[u * d + x]! * b[i * d + x]!;
    return sum;
  });

test("with all of the teacher's dimensions, and with more, it scores as the teacher does", async () => {
  for (const d of [width, width + 3]) {
    const start = await teacherStart(kernels, guided(factors), train, d, "teacher");
    const [got, wanted] = [product(start.user, start.item, d), product(U, V, width)];
    for (let at = 0; at < got.length; at++) expect(got[at]).toBeCloseTo(scale * wanted[at]!, 3);
  }
});

test("with fewer, what is lost is orthogonal to what is kept and smaller, and both sides are of equal length", async () => {
  const d = 3;
  const { user, item } = await teacherStart(kernels, guided(factors), train, d, "teacher");
  const kept = product(user, item, d);
  const lost = product(U, V, width).map((x, at) => scale * x - kept[at]!);
  for (let x = 0; x < d; x++) {
    for (let u = 0; u < users; u++) {
      let sum = 0;
      for (let i = 0; i < items; i++) sum += lost[u * items + i]! * item[i * d + x]!;
      expect(sum).toBeCloseTo(0, 2);
    }
    for (let y = 0; y < d; y++) {
      let [left, right] = [0, 0];
      for (let u = 0; u < users; u++) left += user[u * d + x]! * user[u * d + y]!;
      for (let i = 0; i < items; i++) right += item[i * d + x]! * item[i * d + y]!;
      expect(left).toBeCloseTo(right, 2);
      if (x !== y) expect(left).toBeCloseTo(0, 2);
    }
  }
  const squares = (a: Float64Array) => a.reduce((sum, x) => sum + x * x, 0);
  expect(squares(lost)).toBeLessThan(squares(kept) / 2);
});

test("gains multiply and biases are a dimension", async () => {
  const [gain, bias] = [normal(items), normal(items)];
  const tables = { ...factors.tables, gain: f32Table(1, items, gain), bias: f32Table(1, items, bias) };
  const start = await teacherStart(kernels, guided({ ...factors, tables }), train, width + 1, "teacher");
  const plain = product(U, V, width);
  for (const [at, got] of product(start.user, start.item, width + 1).entries()) {
    expect(got).toBeCloseTo(scale * (plain[at]! * gain[at % items]! + bias[at % items]!), 3);
  }
});

test("slices are the first dimensions", async () => {
  const { user, item } = await teacherStart(kernels, guided(factors), train, 2, "slices");
  const root = Math.sqrt(scale);
  expect([...user.subarray(0, 4)]).toEqual([0, 1, width, width + 1].map((at) => Math.fround(root * U[at]!)));
  expect([...item.subarray(2, 4)]).toEqual([width, width + 1].map((at) => Math.fround(root * V[at]!)));
});

test("a student without a teacher, and teachers without factors, are refused", async () => {
  const start = (guidance: Guidance | undefined) => teacherStart(kernels, guidance, train, 2, "teacher");
  await expect(start(undefined)).rejects.toThrow("start: teacher needs a teacher; give the student distill");
  await expect(start(guided(undefined))).rejects.toThrow("the teacher has lists and no model; use start: random");
  await expect(start(guided({ query: "none", pool: "sum", items, tables: {} }))).rejects.toThrow(
    "the teacher scores items without vectors",
  );
});
