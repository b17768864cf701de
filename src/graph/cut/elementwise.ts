// Rules of operators that work number by number, broadcasting as numpy does.

import { axesOf, beyond, type Gone, settled, union } from "./gone.ts";
import { type CutContext, type CutRule, refuse } from "./rule.ts";

/** The first input's numbers, each by itself; other inputs are bounds and such. */
export const each: CutRule = (c) => {
  c.keep();
  return c.node.outputs.map(() => c.gone(0));
};

/** By output axis what is gone of input i. */
const aligned = (c: CutContext, i: number): Map<number, Uint8Array> => {
  const shift = c.dims.length - c.inputs[i]!.dims.length;
  return new Map([...axesOf(c.gone(i))].map(([axis, gone]) => [axis + shift, gone]));
};

/**
 * Several inputs. What is gone of one is gone of the result, and others lose what stood beside it; where inputs are added
 * (`adds`), all that are computed must have lost the same, for else the sum would still hold the other.
 */
const broadcast =
  (adds: boolean): CutRule =>
  (c) => {
    const all = c.inputs.map((_, i) => i).filter((i) => c.gone(i) === "all");
    if (all.length > 0) return withoutWhole(c, all, adds);
    const gone = union(...c.inputs.map((_, i) => aligned(c, i)));
    const inputs = c.inputs.map((type, i) => {
      const shift = c.dims.length - type!.dims.length;
      const want = new Map<number, Uint8Array>();
      for (const [axis, own] of gone) {
        const size = type!.dims[axis - shift] ?? 1;
        if (size === own.length && size !== 1) want.set(axis - shift, own);
        else if (size !== 1) refuse(c.node, "what would go of its inputs does not fit together.");
      }
      const have = axesOf(c.gone(i));
      if (beyond(want, have).size === 0) return c.node.inputs[i]!;
      if (adds && !c.fixed(i)) refuse(c.node, "it adds to what would go something that stays.");
      return c.without(i, want);
    });
    c.keep(inputs);
    return [settled(gone)];
  };

/** Some inputs are gone altogether. */
function withoutWhole(c: CutContext, all: readonly number[], adds: boolean): readonly (Gone | undefined)[] {
  const rest = c.inputs.map((_, i) => i).filter((i) => !all.includes(i));
  if (!adds || rest.every((i) => c.fixed(i))) return ["all"];
  const [other] = rest;
  const [gone] = all;
  const fits = sameDims(c.inputs[other!]!.dims, c.dims);
  if (c.node.op !== "Add" || rest.length !== 1 || all.length !== 1 || !fits)
    refuse(c.node, "one of its inputs would go altogether.");
  const mean = c.mean(gone!);
  const lost = axesOf(c.gone(other!));
  if (!mean || lost.size > 0) c.emit("Identity", [c.node.inputs[other!]!], {}, c.node.outputs);
  else c.emit("Add", [c.node.inputs[other!]!, c.put(`${c.node.inputs[gone!]}.mean`, mean)], {}, c.node.outputs);
  return [c.gone(other!)];
}

const sameDims = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((d, i) => d === b[i]);

const [sum, product] = [broadcast(true), broadcast(false)];

export {
  each as Abs,
  each as Cast,
  each as Ceil,
  each as Clip,
  each as Dropout,
  each as Elu,
  each as Erf,
  each as Exp,
  each as Floor,
  each as Gelu,
  each as HardSigmoid,
  each as Identity,
  each as LeakyRelu,
  each as Log,
  each as Neg,
  each as Not,
  each as Reciprocal,
  each as Relu,
  each as Sigmoid,
  each as Sign,
  each as Softplus,
  each as Sqrt,
  each as Tanh,
  product as And,
  product as Div,
  product as Equal,
  product as Greater,
  product as Less,
  product as Mod,
  product as Mul,
  product as Pow,
  product as PRelu,
  sum as Add,
  sum as Max,
  sum as Min,
  sum as Or,
  sum as Sub,
  sum as Where,
};

/** What scaling each channel and a batch norm read beside it lies along axis 1. */
export const BatchNormalization: CutRule = (c) => {
  const gone = axesOf(c.gone(0));
  const own = gone.get(1);
  const inputs = c.node.inputs.map((name, i) => (i > 0 && own ? c.without(i, new Map([[0, own]])) : name));
  c.keep(inputs);
  return [c.gone(0), ...c.node.outputs.slice(1).map(() => undefined)];
};

export const LayerNormalization: CutRule = (c) => {
  const rank = c.inputs[0]!.dims.length;
  const axis = c.node.attributes["axis"];
  const first = typeof axis === "number" ? (axis + rank) % rank : rank - 1;
  if ([...axesOf(c.gone(0)).keys()].some((a) => a >= first)) refuse(c.node, "it would normalise fewer numbers.");
  c.keep();
  return [c.gone(0), undefined, undefined].slice(0, c.node.outputs.length);
};

/** Softmax over what is left; the shares add up to 1 again. */
export { each as LogSoftmax, each as Softmax };
