import fc from "fast-check";
import { describe, test } from "vitest";
import {
  agree,
  agrees,
  bools,
  broadcasting,
  dimsOf,
  type NodeCase,
  positives,
  reals,
  scalar,
  wholes,
} from "../../../test/infer-check.ts";
import { elements, type GraphTensor, int32 } from "../tensor.ts";
import { dtypeCode } from "./dtypes.ts";

type Make = (dims: readonly number[]) => GraphTensor;

const one = (op: string, make: Make = reals, more: Partial<NodeCase> = {}) =>
  agree(dimsOf(0, 3).map((dims) => ({ op, inputs: [make(dims)], ...more })));

const many = (op: string, n: number, makes: readonly Make[], more: Partial<NodeCase> = {}) =>
  agree(
    fc
      .tuple(broadcasting(n), fc.boolean())
      .map(([shapes, turned]) => (turned ? shapes.toReversed() : shapes))
      .map((shapes) => ({ op, inputs: shapes.map((dims, i) => makes[i % makes.length]!(dims)), ...more })),
  );

const whole32: Make = (dims) =>
  int32(
    dims,
    Int32Array.from({ length: elements(dims) }, (_, i) => i * 99_991 - 70_000),
  );

describe("one input keeps its type:", () => {
  test.each([
    ..."Acos Acosh Asin Asinh Atan Atanh Celu Cos Cosh Elu Erf Exp Gelu HardSigmoid HardSwish LeakyRelu Log".split(" "),
    ..."Mish Round Selu Sigmoid Sign Sin Sinh Softplus Softsign Tan Tanh ThresholdedRelu Relu".split(" "),
  ])("%s", (op) => one(op));
  test.each(["Abs", "Neg", "Identity"])("%s of float32 and int64, folded", async (op) => {
    await one(op, reals, { folds: true });
    await one(op, wholes, { folds: true });
  });
  test.each(["Floor", "Ceil", "Sqrt", "Reciprocal"])("%s, folded", (op) => one(op, reals, { folds: true }));
  test.each(["IsNaN", "IsInf"])("%s gives bool", (op) => one(op));
  test("Not, folded", () => one("Not", bools, { folds: true }));
  test("BitwiseNot", () => one("BitwiseNot", wholes));
});

describe("several inputs broadcast:", () => {
  test.each(["Add", "Sub", "Mul", "Div"])("%s of float32, int64 and int32, folded", async (op) => {
    await many(op, 2, [reals], { folds: true });
    await many(op, 2, [wholes, positives], { folds: true });
    await many(op, 2, [whole32], { folds: true });
  });
  test.each(["Min", "Max"])("%s of three, folded", async (op) => {
    await many(op, 3, [reals], { folds: true });
    await many(op, 3, [wholes, positives], { folds: true });
  });
  test.each(["Sum", "Mean"])("%s of three", (op) => many(op, 3, [reals]));
  test("Mod has the divisor's sign, or with fmod the dividend's", async () => {
    await agrees({ op: "Mod", inputs: [wholes([11]), int64s(3)], folds: true });
    await agrees({ op: "Mod", inputs: [wholes([11]), int64s(-3)], folds: true });
    await agrees({ op: "Mod", inputs: [wholes([11]), int64s(-3)], attributes: { fmod: 1 }, folds: true });
    await agrees({ op: "Mod", inputs: [reals([11]), scalar(1.5)], attributes: { fmod: 1 }, folds: true });
  });
  test("Pow by another type", async () => {
    await many("Pow", 2, [reals]);
    await many("Pow", 2, [reals, wholes]);
  });
  test.each(["Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual"])("%s, folded", async (op) => {
    await many(op, 2, [reals], { folds: true });
    await many(op, 2, [wholes], { folds: true });
  });
  test.each(["And", "Or", "Xor"])("%s, folded", (op) => many(op, 2, [bools], { folds: true }));
  test.each(["BitwiseAnd", "BitwiseOr", "BitwiseXor"])("%s", (op) => many(op, 2, [wholes]));
  test("BitShift", () => many("BitShift", 2, [uint8s], { attributes: { direction: "LEFT" } }));
  test("Where, folded", () => many("Where", 3, [bools, reals, reals], { folds: true }));
  test("PRelu's slope broadcasts one way", () =>
    agree(broadcasting(2).map((shapes) => ({ op: "PRelu", inputs: shapes.map(reals) }))));
  test("Clip with both bounds, one, none", async () => {
    const x = reals([2, 3]);
    await agrees({ op: "Clip", inputs: [x, scalar(-1), scalar(1)] });
    await agrees({ op: "Clip", inputs: [x, undefined, scalar(1)] });
    await agrees({ op: "Clip", inputs: [x] });
  });
});

describe("Cast, folded:", () => {
  const kinds = ["float32", "int64", "int32", "bool", "float64"] as const;
  test.each(kinds.flatMap((from) => kinds.map((to) => [from, to] as const)))("%s to %s", async (from, to) => {
    const make: Record<string, Make> = { float32: reals, int64: wholes, int32: whole32, bool: bools, float64: doubles };
    const x = make[from]!([2, 5]);
    await agrees({ op: "Cast", inputs: [x], attributes: { to: dtypeCode[to] }, folds: true });
    await agrees({ op: "CastLike", inputs: [x, make[to]!([])], folds: true });
  });
});

const int64s = (value: number): GraphTensor => ({ dtype: "int64", dims: [], data: BigInt64Array.of(BigInt(value)) });
const uint8s: Make = (dims) => ({ dtype: "uint8", dims, data: new Uint8Array(elements(dims)).fill(3) });
const doubles: Make = (dims) => ({ dtype: "float64", dims, data: Float64Array.from(reals(dims).data as Float32Array) });
