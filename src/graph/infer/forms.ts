// What the attributes and the constant inputs of a node ask for, as inference and folding both need it.

import type { Attribute } from "../graph.ts";
import { float32, type GraphTensor, int64 } from "../tensor.ts";
import {
  axesOf,
  axisOf,
  broadcastDims,
  fail,
  givenInts,
  type InferContext,
  inputType,
  intAttribute,
  intsAttribute,
  knownInts,
  rankedType,
  shapeText,
} from "./rule.ts";

/** The axes that a reduction removes, from its input 1; all of them where none is given. */
export function reducedAxes(c: InferContext): readonly number[] {
  const rank = inputType(c, 0).dims.length;
  const given = axesOf(c, givenInts(c, 1, "axes") ?? [], rank);
  if (given.length > 0 || intAttribute(c.node, "noop_with_empty_axes", 0)) return given;
  return inputType(c, 0).dims.map((_, i) => i);
}

/** The order of axes that Transpose gives; the reverse by default. */
export function permutation(c: InferContext): readonly number[] {
  const { dims } = inputType(c, 0);
  const perm = intsAttribute(c.node, "perm") ?? dims.map((_, i) => dims.length - 1 - i);
  const ok = perm.length === dims.length && dims.every((_, i) => perm.includes(i));
  return ok ? perm : fail(c, `the order ${shapeText(perm)} does not fit shape ${shapeText(dims)}.`);
}

/** The axis of a Split and the size of each part along it; with num_outputs the last part may be smaller. */
export function splitParts(c: InferContext): { axis: number; sizes: readonly number[] } {
  const { dims } = rankedType(c, 0, 1);
  const axis = axisOf(c, intAttribute(c.node, "axis", 0), dims.length);
  const size = dims[axis]!;
  const count = c.node.outputs.length;
  const sizes = givenInts(c, 1, "split");
  if (sizes) {
    if (sizes.length !== count || sizes.some((d) => d < 0) || sizes.reduce((a, b) => a + b, 0) !== size) {
      fail(c, `the parts ${shapeText(sizes)} do not make up ${count} outputs of axis ${axis} (${size}).`);
    }
    return { axis, sizes };
  }
  const parts = intAttribute(c.node, "num_outputs", count);
  const part = Math.ceil(size / parts);
  const last = size - part * (parts - 1);
  // ONNX Runtime does not take an empty last part.
  if (parts !== count || last < Math.min(size, 1)) {
    fail(c, `axis ${axis} (${size}) does not split into ${parts} parts, ${count} outputs.`);
  }
  return { axis, sizes: Array.from({ length: parts }, (_, i) => (i < parts - 1 ? part : last)) };
}

/** Where a Slice starts, how far it steps and how much it takes, an entry per axis of the input. */
export function sliceRanges(c: InferContext): { start: number; step: number; size: number }[] {
  const { dims } = inputType(c, 0);
  const [starts, ends] = [knownInts(c, 1, "starts"), knownInts(c, 2, "ends")];
  const axes = axesOf(c, c.inputs[3] ? knownInts(c, 3, "axes") : starts.map((_, i) => i), dims.length);
  const steps = c.inputs[4] ? knownInts(c, 4, "steps") : starts.map(() => 1);
  if (ends.length !== starts.length || axes.length !== starts.length || steps.length !== starts.length) {
    fail(c, "its starts, ends, axes and steps differ in length.");
  }
  const ranges = dims.map((size) => ({ start: 0, step: 1, size }));
  axes.forEach((axis, i) => {
    const [size, step] = [dims[axis]!, steps[i]!];
    if (step === 0) fail(c, "a step is 0.");
    const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
    const clamp = (at: number) => Math.min(Math.max(at < 0 ? at + size : at, low), high);
    const start = step > 0 ? clamp(starts[i]!) : Math.max(clamp(starts[i]!), 0);
    ranges[axis] = { start, step, size: Math.max(0, Math.ceil((clamp(ends[i]!) - start) / step)) };
  });
  return ranges;
}

const isTensor = (value: Attribute | undefined): value is GraphTensor =>
  typeof value === "object" && "dims" in value && "dtype" in value;

/** The tensor of a Constant. */
export function constantTensor(c: InferContext): GraphTensor {
  const { value, value_int: one, value_ints: ints, value_float: real, value_floats: reals } = c.node.attributes;
  if (isTensor(value)) return value;
  if (typeof one === "number") return { ...int64(one), dims: [] };
  if (Array.isArray(ints)) return int64(...ints);
  if (typeof real === "object" && "float" in real) return float32([], Float32Array.of(real.float));
  if (typeof reals === "object" && "floats" in reals)
    return float32([reals.floats.length], Float32Array.from(reals.floats));
  return fail(c, "it holds no tensor of numbers (text and sparse tensors are not supported).");
}

/** What a ConstantOfShape fills with; float32 0 by default. */
export function filling(c: InferContext): GraphTensor {
  const value = c.node.attributes["value"];
  return isTensor(value) ? value : float32([1], new Float32Array(1));
}

/** The first dimension that a Shape lists and the one where it stops. */
export function shapeRange(c: InferContext): [number, number] {
  const rank = inputType(c, 0).dims.length;
  const clamp = (at: number) => Math.min(Math.max(at < 0 ? at + rank : at, 0), rank);
  return [clamp(intAttribute(c.node, "start", 0)), clamp(intAttribute(c.node, "end", rank))];
}

/** numpy's rule: a vector is a row on the left and a column on the right, and its dimension leaves the result. */
export function productDims(c: InferContext, left: readonly number[], right: readonly number[]): number[] {
  if (left.length === 0 || right.length === 0) fail(c, "it takes no scalars.");
  const a = left.length === 1 ? [1, ...left] : left;
  const b = right.length === 1 ? [...right, 1] : right;
  const batch = broadcastDims(a.slice(0, -2), b.slice(0, -2));
  if (!batch || a.at(-1) !== b.at(-2)) fail(c, `shapes ${shapeText(left)} and ${shapeText(right)} do not fit.`);
  if (left.length > 1) batch.push(a.at(-2)!);
  if (right.length > 1) batch.push(b.at(-1)!);
  return batch;
}

/** "ij,jk->ik" as letters of each input and of the result; "..." stands for broadcast dimensions. */
export function einsumTerms(equation: string): { inputs: string[]; output: string } {
  const [left = "", right] = equation.replaceAll(" ", "").split("->");
  const inputs = left.split(",");
  if (right !== undefined) return { inputs, output: right };
  // Without "->": the letters that occur once, in alphabetical order.
  const letters = [...left.replace(/[.,]/g, "")];
  const once = letters.filter((x) => letters.indexOf(x) === letters.lastIndexOf(x)).sort();
  return { inputs, output: (left.includes("...") ? "..." : "") + once.join("") };
}
