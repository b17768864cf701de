// Takes positions out of a value by slicing what computes it, instead of picking from what was computed in vain.

import type { Attribute, GraphNode } from "../graph.ts";
import { intAttribute, intsAttribute } from "../infer/rule.ts";
import { elements, int64 } from "../tensor.ts";
import { addConstant, type Building, place } from "./building.ts";
import { sliceTensor } from "./gone.ts";
import { groups, shapeLeft } from "./shapes.ts";

/** The name of `value` without what is lost of `axis`; undefined where what computes it cannot be sliced. */
export function sink(building: Building, value: string, axis: number, lost: Uint8Array): string | undefined {
  if (!lost.includes(1)) return value;
  const key = `${value} ${axis} ${lost}`;
  if (!building.narrowed.has(key)) building.narrowed.set(key, sunk(building, value, axis, lost));
  return building.narrowed.get(key);
}

function sunk(building: Building, value: string, axis: number, lost: Uint8Array): string | undefined {
  const tensor = building.cut.initializers.get(value);
  if (tensor) return addConstant(building, value, sliceTensor(tensor, new Map([[axis, lost]])));
  const node = building.writers.get(value);
  if (node?.outputs.length !== 1 || node.domain !== "") return undefined;
  if (!building.twice && building.before.readers(value).length > 1) return undefined;
  const rule = rules.get(node.op);
  const made = rule?.({ building, node, axis, lost, rank: building.ranks.get(value)! });
  if (!made || made.inputs.some((name) => name === undefined)) return undefined;
  const name = building.unique(`${value}/kept`);
  const inputs = made.inputs as readonly string[];
  const attributes = made.attributes ?? node.attributes;
  place(building, {
    ...node,
    name: building.unique(node.name || name),
    inputs: [...inputs],
    outputs: [name],
    attributes,
  });
  building.ranks.set(name, building.ranks.get(value)!);
  return name;
}

interface Wanted {
  readonly building: Building;
  readonly node: GraphNode;
  readonly axis: number;
  readonly lost: Uint8Array;
  /** Of what the node writes. */
  readonly rank: number;
}

/** What the node reads instead; an input that cannot be sliced is undefined. */
type SinkRule = (
  wanted: Wanted,
) => { readonly inputs: readonly (string | undefined)[]; readonly attributes?: Record<string, Attribute> } | undefined;

const each: SinkRule = ({ building, node: { inputs }, axis, lost }) => ({
  inputs: [sink(building, inputs[0]!, axis, lost), ...inputs.slice(1)],
});

/** Operands that broadcast: those that have the axis lose the same. */
const both: SinkRule = (wanted) => ({ inputs: wanted.node.inputs.map((name) => operand(wanted, name)) });

function operand({ building, axis, lost, rank }: Wanted, name: string): string | undefined {
  const constant = building.cut.initializers.get(name)?.dims;
  const own = constant?.length ?? building.ranks.get(name);
  if (own === undefined) return undefined;
  const at = axis - rank + own;
  if (at < 0) return name;
  const size = constant?.[at] ?? building.dims(name)?.[at] ?? lost.length;
  return size === 1 && lost.length > 1 ? name : sink(building, name, at, lost);
}

const norm: SinkRule = ({ building, node: { inputs }, axis, lost }) =>
  axis === 1
    ? { inputs: inputs.map((name, i) => sink(building, name, i === 0 ? 1 : 0, lost)) }
    : { inputs: [sink(building, inputs[0]!, axis, lost), ...inputs.slice(1)] };

const product: SinkRule = (wanted) => {
  const { building, node, axis, lost, rank } = wanted;
  const [a = "", b = "", bias] = node.inputs;
  if (axis < rank - 2) return node.op === "MatMul" ? both(wanted) : undefined;
  if (axis !== rank - 1)
    return { inputs: [sink(building, a, (building.ranks.get(a) ?? 2) - 2, lost), b, ...node.inputs.slice(2)] };
  const dims = building.cut.initializers.get(b)?.dims;
  if (!dims) return undefined;
  const weight = sink(building, b, intAttribute(node, "transB", 0) ? 0 : dims.length - 1, lost);
  if (!bias) return { inputs: [a, weight] };
  const added = building.cut.initializers.get(bias)?.dims;
  if (!added) return undefined;
  return { inputs: [a, weight, (added.at(-1) ?? 1) === 1 ? bias : sink(building, bias, added.length - 1, lost)] };
};

const transpose: SinkRule = ({ building, node, axis, lost, rank }) => {
  const from = intsAttribute(node, "perm")?.[axis] ?? rank - 1 - axis;
  return { inputs: [sink(building, node.inputs[0]!, from, lost)] };
};

const stretch: SinkRule = ({ building, node, axis, lost, rank }) => {
  const given = building.before.constant(node.inputs[1] ?? "")?.data;
  if (!given) return undefined;
  const added = Array.from(given as ArrayLike<number | bigint>, (x) => (Number(x) + rank) % rank);
  if (added.includes(axis)) return undefined;
  const from = axis - added.filter((one) => one < axis).length;
  return { inputs: [sink(building, node.inputs[0]!, from, lost), node.inputs[1]!] };
};

const concat: SinkRule = ({ building, node, axis, lost, rank }) => {
  if ((intAttribute(node, "axis", 0) + rank) % rank !== axis)
    return { inputs: node.inputs.map((name) => sink(building, name, axis, lost)) };
  let at = 0;
  const inputs = node.inputs.flatMap((name) => {
    const size = building.cut.initializers.get(name)?.dims[axis] ?? building.dims(name)?.[axis];
    if (size === undefined) return [undefined];
    const own = lost.slice(at, at + size);
    at += size;
    return own.includes(0) ? [sink(building, name, axis, own)] : [];
  });
  return at === lost.length ? { inputs } : undefined;
};

const reshape: SinkRule = ({ building, node, axis, lost }) => {
  const [before, after] = [building.dims(node.inputs[0]!), building.dims(node.outputs[0]!)];
  const [from, to] = (before && after && groups(before, after).find(([, own]) => own.includes(axis))) ?? [[], []];
  if (!before || !after || from.length !== 1) return undefined;
  const inner = elements(to.filter((one) => one > axis).map((one) => after[one]!));
  const own = Uint8Array.from({ length: before[from[0]!]! }, (_, i) => lost[Math.floor(i / inner) % lost.length]!);
  const left = (mask: Uint8Array) => mask.filter((x) => x === 0).length;
  const shape = shapeLeft(before.with(from[0]!, left(own)), after.with(axis, left(lost)));
  const x = shape && sink(building, node.inputs[0]!, from[0]!, own);
  if (!x) return undefined;
  const { allowzero: _, ...attributes } = node.attributes;
  return { inputs: [x, addConstant(building, `${node.outputs[0]}.shape`, int64(...shape))], attributes };
};

const named = (rule: SinkRule, names: string): [string, SinkRule][] => names.split(" ").map((name) => [name, rule]);

const rules: ReadonlyMap<string, SinkRule> = new Map([
  ...named(each, "Abs Cast Clip Dropout Elu Erf Exp Gelu Identity LeakyRelu Neg Relu Sigmoid Softplus Sqrt Tanh"),
  ...named(both, "Add Sub Mul Div"),
  ...named(product, "MatMul Gemm"),
  ["BatchNormalization", norm],
  ["Transpose", transpose],
  ["Unsqueeze", stretch],
  ["Concat", concat],
  ["Reshape", reshape],
]);
