// Checks a gradient rule: the backward graph that differentiate() appends to a one-node graph, executed by ONNX Runtime,
// against central finite differences of the node itself. For tests of src/autodiff.

import { expect } from "vitest";
import { differentiate } from "../src/autodiff/differentiate.ts";
import { createRng, type Rng } from "../src/base/rng.ts";
import { buildGraph } from "../src/graph/builder.ts";
import type { Attribute } from "../src/graph/graph.ts";
import { opsOn } from "../src/graph/ops.ts";
import type { RunTensor, Session } from "../src/graph/runtime.ts";
import { elements } from "../src/graph/tensor.ts";
import { typedBuilder } from "../src/graph/typed-builder.ts";
import { onnxRuntime } from "../src/node/onnx-runtime.ts";
import { encodeOnnx } from "../src/onnx/encode.ts";

/** One input of the node; its values are `data`, or uniform in `range` ([-2, 2] by default). */
export interface CheckInput {
  readonly dims: readonly number[];
  /** float32 by default. */
  readonly dtype?: CheckType;
  readonly range?: readonly [number, number];
  readonly data?: readonly number[];
  /** An initializer rather than an input of the graph; so is every int64 by default, as axes and shapes are. */
  readonly constant?: boolean;
}

export interface GradientCase {
  readonly op: string;
  readonly attributes?: Record<string, Attribute>;
  /** null: an optional input that is left out. */
  readonly inputs: readonly (CheckInput | null)[];
  /** How many outputs the node has; 1 by default. Every float output enters the loss. */
  readonly outputs?: number;
  /** Which outputs enter the loss; every float one by default. */
  readonly read?: readonly number[];
  /** Inputs to differentiate by; every float32 one that is no constant by default. */
  readonly wrt?: readonly number[];
  /** Allowed |rule - finite difference| / (1 + |finite difference|); 1e-5 with float64 differences, 2e-3 with float32. */
  readonly tolerance?: number;
  /** The operator takes float64 but ONNX Runtime computes it in float32 only. */
  readonly single?: boolean;
}

const runtime = onnxRuntime({ threads: 1 });
type CheckType = keyof typeof arrays | "int64";
const arrays = { float32: Float32Array, int32: Int32Array, uint8: Uint8Array, int8: Int8Array, bool: Uint8Array };
const [FLOAT32, FLOAT64] = [1, 11];

/** A tensor of the values in row-major order. */
export function tensorOf(dims: readonly number[], values: readonly number[], dtype: CheckType = "float32"): RunTensor {
  if (dtype === "int64") return { dtype, dims, data: BigInt64Array.from(values, BigInt) };
  return { dtype, dims, data: arrays[dtype].from(values) };
}

function valuesOf({ dims, dtype = "float32", range: [low, high] = [-2, 2], data }: CheckInput, rng: Rng): RunTensor {
  const draw = () => low + (high - low) * rng.uniform();
  const values =
    data ?? Array.from({ length: elements(dims) }, () => (dtype === "float32" ? draw() : Math.floor(draw())));
  return tensorOf(dims, values, dtype);
}

const isConstant = ({ dtype, constant = dtype === "int64" }: CheckInput): boolean => constant;
const isFloat = ({ dtype = "float32" }: CheckInput): boolean => dtype === "float32";

interface Prepared {
  readonly tensors: readonly (RunTensor | null)[];
  readonly wrt: readonly number[];
  /** Of the float outputs that enter the loss, by output. */
  readonly weights: ReadonlyMap<number, RunTensor>;
}

/** The gradients by input, as ONNX Runtime computes them from the rule; undefined: the loss does not depend on it. */
async function byRule(check: GradientCase, tensors: Prepared["tensors"], rng: Rng) {
  const g = opsOn(typedBuilder(buildGraph("check", 21).graph));
  const names = check.inputs.map((input, i) => {
    if (!input) return "";
    return isConstant(input)
      ? g.constant(`x${i}`, tensors[i]!)
      : g.input(`x${i}`, input.dtype ?? "float32", [...input.dims]);
  });
  const wrt =
    check.wrt ?? check.inputs.flatMap((input, i) => (input && isFloat(input) && !isConstant(input) ? [i] : []));
  const outputs = g.nodes(check.op, names, check.attributes ?? {}, check.outputs ?? 1, "y");
  const weights = new Map<number, RunTensor>();
  const terms = outputs.flatMap((y, i) => {
    const { dtype, dims } = g.type(y);
    if (dtype !== "float32" || !(check.read?.includes(i) ?? true)) return [];
    weights.set(i, valuesOf({ dims, range: [0.5, 1.5] }, rng));
    return [g.sum(g.mul(y, g.constant(`w${i}`, weights.get(i)!)), [])];
  });
  const loss = terms.reduce((a, b) => g.add(a, b));
  const gradients = differentiate(
    g,
    loss,
    wrt.map((i) => names[i]!),
  );
  const found = wrt.flatMap((i) => {
    const gradient = gradients.get(names[i]!);
    if (gradient === undefined) return [];
    expect(g.dims(gradient), `${check.op}: shape of the gradient of input ${i}`).toEqual(check.inputs[i]!.dims);
    g.output(gradient, `dx${i}`);
    return [i];
  });
  if (found.length === 0)
    return { prepared: { tensors, wrt, weights }, gradients: new Map<number, ArrayLike<number>>() };
  const session = await runtime.open(encodeOnnx(g.graph));
  const read = new Set(session.inputs);
  const results = await session.run(
    Object.fromEntries(names.flatMap((name, i) => (read.has(name) ? [[name, tensors[i]!]] : []))),
  );
  await session.close();
  return {
    prepared: { tensors, wrt, weights },
    gradients: new Map(found.map((i) => [i, results[`dx${i}`]!.data as Float32Array])),
  };
}

/**
 * A session that takes every x and a shift of each input in wrt, and gives L(x + shift) - L(x - shift), subtracted
 * before it is summed; in float64, so that a step of 1e-5 keeps ten digits, or in float32.
 */
async function differences(check: GradientCase, prepared: Prepared, double: boolean): Promise<Session> {
  const { tensors, wrt, weights } = prepared;
  const b = buildGraph("differences", 21);
  const lift = (x: string) => (double ? b.node("Cast", [x], { to: FLOAT64 }) : x);
  const shifts = new Map(wrt.map((i) => [i, lift(b.input(`shift${i}`, "float32", [...check.inputs[i]!.dims]))]));
  const xs = check.inputs.map((input, i) => {
    if (!input) return "";
    const name = isConstant(input)
      ? b.constant(`x${i}`, tensors[i]!)
      : b.input(`x${i}`, input.dtype ?? "float32", [...input.dims]);
    return isFloat(input) ? lift(name) : name;
  });
  const side = (op: "Add" | "Sub") => {
    const inputs = xs.map((x, i) => (shifts.has(i) ? b.node(op, [x, shifts.get(i)!]) : x));
    const outputs = Array.from({ length: check.outputs ?? 1 }, (_, i) => `${op}.y${i}`);
    b.graph.nodes.push({ name: op, op: check.op, domain: "", inputs, outputs, attributes: check.attributes ?? {} });
    return outputs;
  };
  const [above, below] = [side("Add"), side("Sub")];
  const terms = [...weights].map(([i, w]) => {
    const weighted = b.node("Mul", [b.node("Sub", [above[i]!, below[i]!]), lift(b.constant(`w${i}`, w))]);
    return b.node("ReduceSum", [weighted], { keepdims: 0 });
  });
  b.node("Cast", [terms.reduce((x, y) => b.node("Add", [x, y]))], { to: FLOAT32 }, "difference");
  b.output("difference", "float32", []);
  return runtime.open(encodeOnnx(b.graph));
}

/** The slope of the loss by every element of the inputs in wrt. Throws where ONNX Runtime lacks the operator in float64. */
async function slopes(check: GradientCase, prepared: Prepared, double: boolean): Promise<Map<number, number[]>> {
  if (double && check.single) throw new Error(`${check.op} computes in float32`);
  const session = await differences(check, prepared, double);
  const step = double ? 2 ** -17 : 2 ** -7;
  try {
    const feeds: Record<string, RunTensor> = {};
    for (const name of session.inputs) {
      const i = Number(name.replace(/\D/g, ""));
      const { dims } = check.inputs[i]!;
      const shift = { dtype: "float32", dims, data: new Float32Array(elements(dims)) } as const;
      feeds[name] = name.startsWith("shift") ? shift : prepared.tensors[i]!;
    }
    const found = new Map<number, number[]>();
    for (const i of prepared.wrt) {
      const shift = feeds[`shift${i}`]!.data as Float32Array;
      const slope: number[] = [];
      for (let k = 0; k < shift.length; k++) {
        shift[k] = step;
        const { difference } = await session.run(feeds);
        shift[k] = 0;
        slope.push((difference!.data[0] as number) / (2 * step));
      }
      found.set(i, slope);
    }
    return found;
  } finally {
    await session.close();
  }
}

/** Throws where a gradient of the rule differs from the finite difference. Kinks must not lie within the step. */
export async function checkGradient(check: GradientCase): Promise<void> {
  const rng = createRng(`${check.op} ${JSON.stringify([check.inputs, check.attributes])}`);
  const tensors = check.inputs.map((input) => input && valuesOf(input, rng));
  const { prepared, gradients } = await byRule(check, tensors, rng);
  let tolerance = check.tolerance ?? 1e-5;
  const expected = await slopes(check, prepared, true).catch(() => {
    tolerance = check.tolerance ?? 2e-3;
    return slopes(check, prepared, false);
  });
  for (const [i, slope] of expected) {
    slope.forEach((wanted, k) => {
      const rule = gradients.get(i)?.[k] ?? 0;
      const error = Math.abs(rule - wanted) / (1 + Math.abs(wanted));
      if (error <= tolerance) return;
      const where = `${check.op} ${JSON.stringify(check.attributes ?? {})}, input ${i} [${check.inputs[i]!.dims}], element ${k}`;
      throw new Error(`${where}: the rule gives ${rule}, the finite difference ${wanted} (error ${error}).`);
    });
  }
}
