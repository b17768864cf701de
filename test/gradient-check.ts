// Checks a gradient rule: the backward graph that differentiate() appends to a one-node graph, executed by ONNX Runtime,
// against central finite differences of the node itself. For tests of src/autodiff.

import { expect } from "vitest";
import { differentiate } from "../src/autodiff/differentiate.ts";
import { createRng, type Rng } from "../src/base/rng.ts";
import type { RunTensor, Session } from "../src/engine/runtime.ts";
import { buildGraph } from "../src/graph/builder.ts";
import type { Attribute } from "../src/graph/graph.ts";
import { opsOn } from "../src/graph/ops.ts";
import { type DType, elements, type GraphTensor } from "../src/graph/tensor.ts";
import { typedBuilder } from "../src/graph/typed-builder.ts";
import { onnxRuntime } from "../src/node/onnx-runtime.ts";
import { encodeOnnx } from "../src/onnx/encode.ts";

/** One input of the node; its values are `data`, or uniform in `range` ([-2, 2] by default). */
export interface CheckInput {
  readonly dims: readonly number[];
  /** float32 by default. */
  readonly dtype?: DType;
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
}

const runtime = onnxRuntime({ threads: 1 });
const arrays = { float32: Float32Array, int32: Int32Array, uint8: Uint8Array, int8: Int8Array, bool: Uint8Array };
const FLOAT64 = 11;

/** A tensor of the values in row-major order. */
export function tensorOf(dims: readonly number[], values: readonly number[], dtype: DType = "float32"): GraphTensor {
  if (dtype === "int64") return { dtype, dims, data: BigInt64Array.from(values, BigInt) };
  if (dtype === "float16") throw new Error("write float16 values through a Cast");
  return { dtype, dims, data: arrays[dtype].from(values) };
}

function valuesOf({ dims, dtype = "float32", range: [low, high] = [-2, 2], data }: CheckInput, rng: Rng): GraphTensor {
  const draw = () => low + (high - low) * rng.uniform();
  const values =
    data ?? Array.from({ length: elements(dims) }, () => (dtype === "float32" ? draw() : Math.floor(draw())));
  return tensorOf(dims, values, dtype);
}

const isConstant = ({ dtype, constant = dtype === "int64" }: CheckInput): boolean => constant;
const isFloat = ({ dtype = "float32" }: CheckInput): boolean => dtype === "float32";

interface Prepared {
  readonly tensors: readonly (GraphTensor | null)[];
  readonly wrt: readonly number[];
  /** Of the float outputs that enter the loss, by output. */
  readonly weights: ReadonlyMap<number, GraphTensor>;
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
  const weights = new Map<number, GraphTensor>();
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
    Object.fromEntries(names.flatMap((name, i) => (read.has(name) ? [[name, tensors[i]! as RunTensor]] : []))),
  );
  await session.close();
  return {
    prepared: { tensors, wrt, weights },
    gradients: new Map(found.map((i) => [i, results[`dx${i}`]!.data as Float32Array])),
  };
}

/**
 * A session that takes every x and a shift of each input in wrt, and gives L(x + shift) - L(x - shift):
 * in float64 where ONNX Runtime has the operator in it, so that a step of 1e-5 keeps ten digits.
 */
async function differences(
  check: GradientCase,
  { tensors, wrt, weights }: Prepared,
  double: boolean,
): Promise<Session> {
  const b = buildGraph("differences", 21);
  const lift = (x: string) => (double ? b.node("Cast", [x], { to: FLOAT64 }) : x);
  const floats = new Map<number, string>();
  const fixed = check.inputs.map((input, i) => {
    if (!input) return "";
    const name = isConstant(input)
      ? b.constant(`x${i}`, tensors[i]!)
      : b.input(`x${i}`, input.dtype ?? "float32", [...input.dims]);
    const value = isFloat(input) ? lift(name) : name;
    if (wrt.includes(i)) floats.set(i, lift(b.input(`shift${i}`, "float32", [...input.dims])));
    return value;
  });
  const axes = [...weights].map(([i, w]) => [i, lift(b.constant(`w${i}`, w))] as const);
  const side = (op: "Add" | "Sub") => {
    const moved = fixed.map((x, i) => (floats.has(i) ? b.node(op, [x, floats.get(i)!]) : x));
    const outputs = Array.from({ length: check.outputs ?? 1 }, (_, i) => `${op}.y${i}`);
    b.graph.nodes.push({
      name: op,
      op: check.op,
      domain: "",
      inputs: moved,
      outputs,
      attributes: check.attributes ?? {},
    });
    return axes
      .map(([i, w]) => b.node("ReduceSum", [b.node("Mul", [outputs[i]!, w])], { keepdims: 0 }))
      .reduce((a, c) => b.node("Add", [a, c]));
  };
  const difference = b.node("Sub", [side("Add"), side("Sub")]);
  b.node(double ? "Cast" : "Identity", [difference], double ? { to: 1 } : {}, "difference");
  b.output("difference", "float32", []);
  return runtime.open(encodeOnnx(b.graph));
}

/** Throws where a gradient of the rule differs from the finite difference. Kinks must not lie within the step. */
export async function checkGradient(check: GradientCase): Promise<void> {
  const rng = createRng(`${check.op} ${JSON.stringify([check.inputs, check.attributes])}`);
  const tensors = check.inputs.map((input) => input && valuesOf(input, rng));
  const { prepared, gradients } = await byRule(check, tensors, rng);
  let double = true;
  const session = await differences(check, prepared, true).catch(() => {
    double = false;
    return differences(check, prepared, false);
  });
  const [step, tolerance] = double ? [2 ** -17, check.tolerance ?? 1e-5] : [2 ** -7, check.tolerance ?? 2e-3];
  const feeds: Record<string, RunTensor> = {};
  const free = (i: number) =>
    ({ dtype: "float32", dims: check.inputs[i]!.dims, data: tensors[i]!.data.slice().fill(0 as never) }) as const;
  for (const name of session.inputs) {
    const i = Number(name.replace(/\D/g, ""));
    feeds[name] = (name.startsWith("shift") ? free(i) : tensors[i]!) as RunTensor;
  }
  try {
    for (const i of prepared.wrt) {
      const shift = feeds[`shift${i}`]!.data as Float32Array;
      const got = gradients.get(i);
      for (let k = 0; k < shift.length; k++) {
        shift[k] = step;
        const { difference } = await session.run(feeds);
        shift[k] = 0;
        const slope = (difference!.data[0] as number) / (2 * step);
        const rule = got?.[k] ?? 0;
        const error = Math.abs(rule - slope) / (1 + Math.abs(slope));
        if (!(error <= tolerance)) {
          const where = `${check.op} ${JSON.stringify(check.attributes ?? {})}, input ${i} [${check.inputs[i]!.dims}], element ${k}`;
          throw new Error(`${where}: the rule gives ${rule}, the finite difference ${slope} (error ${error}).`);
        }
      }
    }
  } finally {
    await session.close();
  }
}
