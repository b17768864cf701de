// Rules of operators that add up: products and reductions. What no longer takes part in a sum is, on average over rows,
// added to the result, so that what reads it meets what it met:
//
//     Σ_k x_k W_kj   becomes   Σ_{k left} x_k W_kj + Σ_{k gone} E[x_k] W_kj

import { reducedAxes } from "../infer/forms.ts";
import { floatAttribute, intAttribute } from "../infer/rule.ts";
import { elements, float32, type GraphTensor } from "../tensor.ts";
import { axesOf, type Gone, keptOf, settled, sliceTensor, union } from "./gone.ts";
import { type CutContext, type CutRule, isFree, refuse } from "./rule.ts";

export const MatMul: CutRule = (c) => {
  if (c.gone(0) === "all" || c.gone(1) === "all") return ["all"];
  const [a, b] = [c.inputs[0]!.dims.length, c.inputs[1]!.dims.length];
  if (a < 2 || b < 2) refuse(c.node, "it multiplies by a vector.");
  const rank = c.dims.length;
  const [left, right] = [axesOf(c.gone(0)), axesOf(c.gone(1))];
  const summed = union(
    new Map([...left].filter(([axis]) => axis === a - 1).map(([, own]) => [0, own])),
    new Map([...right].filter(([axis]) => axis === b - 2).map(([, own]) => [0, own])),
  ).get(0);
  // Axes before the matrices, counted from the end.
  const shared = union(before(left, a), before(right, b));
  const want = (side: 0 | 1): Map<number, Uint8Array> => {
    const { dims } = c.inputs[side]!;
    const out = new Map(axesOf(c.gone(side)));
    if (summed) out.set(side === 0 ? a - 1 : b - 2, summed);
    for (const [fromEnd, own] of shared) {
      const axis = dims.length - fromEnd;
      if (axis >= 0 && dims[axis] !== 1) out.set(axis, own);
    }
    return out;
  };
  const inputs = [c.without(0, want(0)), c.without(1, want(1))];
  const [rows, columns] = [left.get(a - 2), right.get(b - 1)];
  const out = new Map<number, Uint8Array>([...shared].map(([fromEnd, own]) => [rank - fromEnd, own]));
  if (rows) out.set(rank - 2, rows);
  if (columns) out.set(rank - 1, columns);
  const weight = c.fixed(1);
  const moved =
    left.has(a - 1) && weight?.dims.length === 2
      ? missing(c, 0, left.get(a - 1)!, { weight, transposed: false, columns })
      : undefined;
  if (!moved) c.keep(inputs);
  else {
    const product = c.emit("MatMul", inputs);
    c.emit("Add", [product, c.put(`${c.node.inputs[1]}.means`, moved)], {}, c.node.outputs);
  }
  return [settled(out)];
};

/** Axes in front of the matrices, counted from the end. */
const before = (gone: Map<number, Uint8Array> | ReadonlyMap<number, Uint8Array>, rank: number) =>
  new Map([...gone].filter(([axis]) => axis < rank - 2).map(([axis, own]) => [rank - axis, own] as const));

interface Weight {
  readonly weight: GraphTensor;
  readonly transposed: boolean;
  /** Outputs that are gone. */
  readonly columns: Uint8Array | undefined;
}

/** Σ_{k gone} E[x_k] W_kj for every output j that stays. */
function missing(c: CutContext, x: number, gone: Uint8Array, { weight, transposed, columns }: Weight) {
  const mean = c.mean(x);
  if (!mean || weight.dtype !== "float32") return undefined;
  const width = gone.length;
  const average = new Float64Array(width);
  const rows = mean.data.length / width;
  for (let i = 0; i < mean.data.length; i++) average[i % width]! += Number(mean.data[i]) / rows;
  const outs = weight.dims[transposed ? 0 : 1]!;
  const kept = columns ? keptOf(columns) : Array.from({ length: outs }, (_, j) => j);
  const numbers = weight.data as Float32Array;
  const out = Float32Array.from(kept, (j) => {
    let sum = 0;
    for (let k = 0; k < width; k++) {
      if (gone[k]) sum += average[k]! * numbers[transposed ? j * width + k : k * outs + j]!;
    }
    return sum;
  });
  return float32([kept.length], out);
}

export const Gemm: CutRule = (c) => {
  if (c.gone(0) === "all" || c.gone(1) === "all") return ["all"];
  if (intAttribute(c.node, "transA", 0)) refuse(c.node, "it transposes what would go.");
  const transposed = intAttribute(c.node, "transB", 0) === 1;
  const [left, right] = [axesOf(c.gone(0)), axesOf(c.gone(1))];
  const [k, n] = transposed ? [1, 0] : [0, 1];
  const summed = union(
    new Map([...left].filter(([axis]) => axis === 1)),
    new Map([...right].filter(([axis]) => axis === k).map(([, own]) => [1, own])),
  ).get(1);
  const columns = right.get(n);
  const weight = c.fixed(1);
  const inputs = [
    c.without(0, new Map([...left, ...(summed ? ([[1, summed]] as const) : [])])),
    c.without(1, new Map([...right, ...(summed ? ([[k, summed]] as const) : [])])),
  ];
  const out = new Map(left);
  out.delete(1);
  if (columns) out.set(1, columns);
  const moved = left.has(1) && weight ? missing(c, 0, left.get(1)!, { weight, transposed, columns }) : undefined;
  const bias = c.node.inputs[2] ? 2 : undefined;
  const own = bias === undefined ? undefined : c.inputs[bias]!.dims;
  if (bias !== undefined && (!c.fixed(bias) || (columns && own!.at(-1) !== columns.length && elements(own!) > 1)))
    refuse(c.node, "what it adds is computed, or of another width.");
  const fits = own === undefined || own.at(-1) === columns?.length;
  const kept =
    bias === undefined
      ? []
      : [columns && fits ? c.without(bias, new Map([[own!.length - 1, columns]])) : c.node.inputs[bias]!];
  if (!moved) {
    c.keep([...inputs, ...kept]);
    return [settled(out)];
  }
  const plain = floatAttribute(c.node, "alpha", 1) === 1 && floatAttribute(c.node, "beta", 1) === 1;
  const given = bias === undefined ? undefined : c.fixed(bias)!;
  const sliced = given && columns && fits ? sliceTensor(given, new Map([[own!.length - 1, columns]])) : given;
  if (plain && (!sliced || (sliced.dtype === "float32" && elements(sliced.dims) === moved.data.length))) {
    const sum = (moved.data as Float32Array).map((x, j) => x + (sliced ? (sliced.data as Float32Array)[j]! : 0));
    const label = bias === undefined ? `${c.node.inputs[1]}.means` : c.node.inputs[bias]!;
    c.keep([...inputs, c.put(label, float32(moved.dims, sum))]);
    return [settled(out)];
  }
  if (floatAttribute(c.node, "alpha", 1) !== 1) refuse(c.node, "it scales its product.");
  const product = c.emit("Gemm", [...inputs, ...kept], c.node.attributes);
  c.emit("Add", [product, c.put(`${c.node.inputs[1]}.means`, moved)], {}, c.node.outputs);
  return [settled(out)];
};

const reduction =
  (op: string): CutRule =>
  (c) => {
    if (c.gone(0) === "all") return ["all"];
    const axes = reducedAxes(c);
    const gone = axesOf(c.gone(0));
    const { dims } = c.inputs[0]!;
    const keeps = intAttribute(c.node, "keepdims", 1) === 1;
    const lost = axes.some((axis) => gone.has(axis));
    if (lost && op !== "ReduceSum") refuse(c.node, "it is over what would go.");
    const stay = dims.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
    const out = new Map(
      [...gone]
        .filter(([axis]) => !axes.includes(axis))
        .map(([axis, own]) => [keeps ? axis : stay.indexOf(axis), own] as const),
    );
    const mean = lost ? c.mean(0) : undefined;
    if (!mean || axes.some((axis) => isFree(dims[axis]!))) c.keep();
    else {
      const moved = reducedMean(mean, gone, axes, keeps);
      const kept = new Map([...out].filter(([axis]) => moved.dims[axis] !== 1));
      const sum = c.emit("ReduceSum", c.node.inputs, c.node.attributes);
      c.emit("Add", [sum, c.put(`${c.node.inputs[0]}.means`, sliceTensor(moved, kept))], {}, c.node.outputs);
    }
    return [settled(out)];
  };

/** Σ over `axes` of what is gone along them. */
function reducedMean(mean: GraphTensor, gone: Gone, axes: readonly number[], keeps: boolean): GraphTensor {
  const { dims } = mean;
  const lost = new Map([...axesOf(gone)].filter(([axis]) => axes.includes(axis)));
  const kept = dims.map((d, axis) => (axes.includes(axis) ? 1 : d));
  const sums = new Float64Array(elements(kept));
  const index = dims.map(() => 0);
  for (let at = 0; at < mean.data.length; at++) {
    let to = 0;
    for (const [axis, d] of kept.entries()) to = to * d + (d === 1 ? 0 : index[axis]!);
    if ([...lost].some(([axis, own]) => own[index[axis]!])) sums[to]! += Number(mean.data[at]);
    for (let k = dims.length - 1; k >= 0 && ++index[k]! === dims[k]; k--) index[k] = 0;
  }
  return float32(keeps ? kept : dims.filter((_, axis) => !axes.includes(axis)), Float32Array.from(sums));
}

export const ReduceSum = reduction("ReduceSum");
const other = reduction("");

export { other as ReduceL1, other as ReduceL2, other as ReduceMax, other as ReduceMean, other as ReduceMin };
