// Rules of operators that only move numbers, or say where they are.

import { permutation, sliceRanges, splitParts } from "../infer/forms.ts";
import { axesOf as axesFrom, axisOf, givenInts, intAttribute } from "../infer/rule.ts";
import { elements, int64 } from "../tensor.ts";
import { axesOf, dimsLeft, type Gone, keptOf, settled, union } from "./gone.ts";
import { type CutContext, type CutRule, isFree, refuse } from "./rule.ts";
import { groups, shapeLeft } from "./shapes.ts";

const moved = (c: CutContext, to: (axis: number) => number): readonly (Gone | undefined)[] => [
  settled(new Map([...axesOf(c.gone(0))].map(([axis, gone]) => [to(axis), gone]))),
];

const wholly = (c: CutContext, i = 0): boolean => c.gone(i) === "all";

export const Transpose: CutRule = (c) => {
  if (wholly(c)) return ["all"];
  const perm = permutation(c);
  c.keep();
  return moved(c, (axis) => perm.indexOf(axis));
};

export const Unsqueeze: CutRule = (c) => {
  if (wholly(c)) return ["all"];
  const added = axesFrom(c, givenInts(c, 1, "axes") ?? [], c.dims.length);
  const left = c.dims.map((_, axis) => axis).filter((axis) => !added.includes(axis));
  c.keep();
  return moved(c, (axis) => left[axis]!);
};

export const Squeeze: CutRule = (c) => {
  if (wholly(c)) return ["all"];
  const { dims } = c.inputs[0]!;
  const given = givenInts(c, 1, "axes");
  const axes = given ? axesFrom(c, given, dims.length) : dims.flatMap((d, axis) => (d === 1 ? [axis] : []));
  const left = dims.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  // Without axes it would squeeze what has one position left, too.
  c.keep(given ? undefined : [c.node.inputs[0]!, c.put(`${c.node.outputs[0]}.axes`, int64(...axes))]);
  return moved(c, (axis) => left.indexOf(axis));
};

const most = 2 ** 22;

/** What is gone after numbers were dealt out to other dims. */
function dealt(c: CutContext): Gone | undefined {
  const { dims } = c.inputs[0]!;
  const gone = axesOf(c.gone(0));
  const out = new Map<number, Uint8Array>();
  for (const [from, to] of groups(dims, c.dims)) {
    if (!from.some((axis) => gone.has(axis))) continue;
    const size = elements(from.map((axis) => dims[axis]!));
    if (size > most || isFree(size)) refuse(c.node, "what would go is joined with the batch.");
    const flat = new Uint8Array(size);
    eachPlace(
      from.map((axis) => dims[axis]!),
      (at, index) => {
        flat[at] = from.some((axis, k) => gone.get(axis)?.[index[k]!]) ? 1 : 0;
      },
    );
    const sizes = to.map((axis) => c.dims[axis]!);
    const masks = sizes.map((d) => new Uint8Array(d).fill(1));
    eachPlace(sizes, (at, index) => {
      if (!flat[at]) for (const [k, position] of index.entries()) masks[k]![position] = 0;
    });
    eachPlace(sizes, (at, index) => {
      const lost = index.some((position, k) => masks[k]![position]);
      if (Boolean(flat[at]) !== lost) refuse(c.node, "what would go lies across the shape that it gives.");
    });
    for (const [k, axis] of to.entries()) out.set(axis, masks[k]!);
  }
  return settled(out);
}

function eachPlace(dims: readonly number[], each: (at: number, index: readonly number[]) => void): void {
  const index = dims.map(() => 0);
  for (let at = 0, n = elements(dims); at < n; at++) {
    each(at, index);
    for (let k = dims.length - 1; k >= 0 && ++index[k]! === dims[k]; k--) index[k] = 0;
  }
}

export const Flatten: CutRule = (c) => {
  if (wholly(c)) return ["all"];
  c.keep();
  return [dealt(c)];
};

export const Reshape: CutRule = (c) => {
  if (wholly(c)) return ["all"];
  const gone = dealt(c);
  if (gone === "all") return ["all"];
  const shape = shapeLeft(dimsLeft(c.inputs[0]!.dims, axesOf(c.gone(0))), dimsLeft(c.dims, axesOf(gone)));
  if (!shape) refuse(c.node, "it gives two free dimensions, whose sizes are not known.");
  const { allowzero: _, ...attributes } = c.node.attributes;
  c.keep([c.node.inputs[0]!, c.put(`${c.node.outputs[0]}.shape`, int64(...shape))], attributes);
  return [gone];
};

export const Concat: CutRule = (c) => {
  const axis = axisOf(c, intAttribute(c.node, "axis", 0), c.dims.length);
  const across = union(...c.inputs.map((_, i) => new Map([...axesOf(c.gone(i))].filter(([other]) => other !== axis))));
  const along: number[] = [];
  const inputs = c.inputs.flatMap((type, i) => {
    const size = type!.dims[axis]!;
    const gone = c.gone(i);
    const own = gone === "all" ? new Uint8Array(size).fill(1) : (axesOf(gone).get(axis) ?? new Uint8Array(size));
    along.push(...own);
    if (gone === "all") return [];
    const others = new Map([...axesOf(gone)].filter(([other]) => other !== axis));
    const whole = [...across].every(([other, lost]) => others.get(other)?.every((x, p) => x === lost[p]));
    if (whole) return [c.node.inputs[i]!];
    if (!c.fixed(i)) refuse(c.node, "it joins what would go with something that stays.");
    return [c.without(i, across)];
  });
  if (inputs.length === 0) return ["all"];
  c.keep(inputs);
  return [settled(new Map([...across, [axis, Uint8Array.from(along)]]))];
};

export const Split: CutRule = (c) => {
  if (wholly(c)) return c.node.outputs.map(() => "all" as const);
  const { axis, sizes } = splitParts(c);
  const gone = axesOf(c.gone(0));
  const own = gone.get(axis) ?? new Uint8Array(c.inputs[0]!.dims[axis]!);
  const ends = sizes.map((_, i) => sizes.slice(0, i + 1).reduce((a, b) => a + b));
  const parts = sizes.map((size, i) => own.slice(ends[i]! - size, ends[i]!));
  const left = parts.map((part) => keptOf(part).length);
  const outputs = c.node.outputs.filter((_, i) => left[i]! > 0);
  const { num_outputs: _, split: __, ...attributes } = c.node.attributes;
  const shape = c.put(`${c.node.outputs[0]}.parts`, int64(...left.filter((size) => size > 0)));
  c.keep([c.node.inputs[0]!, shape], attributes, outputs);
  return parts.map((part) => settled(new Map([...gone, [axis, part]])));
};

export const Slice: CutRule = (c) => {
  if (wholly(c)) return ["all"];
  const ranges = sliceRanges(c);
  const gone = axesOf(c.gone(0));
  const out = new Map<number, Uint8Array>();
  const cut: { axis: number; start: number; end: number }[] = [];
  for (const [axis, { start, step, size }] of ranges.entries()) {
    const own = gone.get(axis);
    const whole = start === 0 && step === 1 && size === c.inputs[0]!.dims[axis];
    if (own && step !== 1) refuse(c.node, "it steps over what would go.");
    if (own) out.set(axis, own.slice(start, start + size));
    if (whole) continue;
    const before = own ? keptOf(own.subarray(0, start)).length : start;
    const kept = own ? keptOf(own.subarray(start, start + size)).length : size;
    if (step !== 1) refuse(c.node, "it steps through a value of which a part would go.");
    cut.push({ axis, start: before, end: before + kept });
  }
  const left = settled(out);
  if (left === "all") return ["all"];
  const ints = (label: string, of: (one: (typeof cut)[number]) => number) =>
    c.put(`${c.node.outputs[0]}.${label}`, int64(...cut.map(of)));
  if (cut.some(({ axis, end }) => isFree(c.inputs[0]!.dims[axis]!) && end > 2 ** 12))
    refuse(c.node, "how much it takes of a free dimension is not known.");
  if (cut.length === 0) c.emit("Identity", [c.node.inputs[0]!], {}, c.node.outputs);
  else
    c.keep([
      c.node.inputs[0]!,
      ints("starts", ({ start }) => start),
      ints("ends", ({ end }) => end),
      ints("axes", ({ axis }) => axis),
    ]);
  return [left];
};

export const Gather: CutRule = (c) => {
  if (wholly(c) || wholly(c, 1)) return ["all"];
  const [data, index] = [c.inputs[0]!.dims, c.inputs[1]!.dims];
  const axis = axisOf(c, intAttribute(c.node, "axis", 0), data.length);
  const [gone, picked] = [axesOf(c.gone(0)), axesOf(c.gone(1))];
  const out = new Map([...picked].map(([at, own]) => [axis + at, own] as const));
  for (const [at, own] of gone) if (at !== axis) out.set(at < axis ? at : at + index.length - 1, own);
  const own = gone.get(axis);
  if (!own) {
    c.keep();
    return [settled(out)];
  }
  if (index.length > 1) refuse(c.node, unknown);
  const left = pickedLeft(c, own);
  if (left.ids.length === 0) return ["all"];
  if (index.length === 1) out.set(axis, left.gone);
  const dims = index.length === 0 ? [] : [left.ids.length];
  c.keep([c.node.inputs[0]!, c.put(`${c.node.outputs[0]}.ids`, { ...int64(...left.ids), dims })]);
  return [settled(out)];
};

const unknown = "which of what would go it picks is not known.";

/** What a constant list of positions still picks, as positions of what is left, and which of the list are gone. */
function pickedLeft(c: CutContext, own: Uint8Array): { readonly ids: readonly number[]; readonly gone: Uint8Array } {
  const known = c.fixed(1);
  if (!known || c.gone(1)) refuse(c.node, unknown);
  const at = Array.from(known.data as ArrayLike<number | bigint>, (x) => (Number(x) + own.length) % own.length);
  const rank = new Map(keptOf(own).map((position, to) => [position, to]));
  return {
    ids: at.flatMap((position) => rank.get(position) ?? []),
    gone: Uint8Array.from(at, (position) => own[position]!),
  };
}

/** Rows of a table by numbers with a last axis of 1. */
export const GatherND: CutRule = (c) => {
  if (wholly(c) || wholly(c, 1)) return ["all"];
  const index = c.inputs[1]!.dims;
  const [gone, picked] = [axesOf(c.gone(0)), axesOf(c.gone(1))];
  const last = index.length - 1;
  if (intAttribute(c.node, "batch_dims", 0) !== 0 || index[last] !== 1) refuse(c.node, unknown);
  const out = new Map([...gone].filter(([axis]) => axis > 0).map(([axis, lost]) => [axis + last - 1, lost] as const));
  for (const [axis, lost] of picked) out.set(axis, lost);
  const own = gone.get(0);
  if (!own) {
    c.keep();
    return [settled(out)];
  }
  if (last !== 1) refuse(c.node, unknown);
  const left = pickedLeft(c, own);
  if (left.ids.length === 0) return ["all"];
  out.set(0, left.gone);
  c.keep([c.node.inputs[0]!, c.put(`${c.node.outputs[0]}.ids`, { ...int64(...left.ids), dims: [left.ids.length, 1] })]);
  return [settled(out)];
};

/** A shape is read as it will be, whatever is gone of the value; nothing has no shape. */
export const Shape: CutRule = (c) => {
  if (wholly(c)) refuse(c.node, "it reads the shape of what would go.");
  c.keep();
  return [undefined];
};
