// What is gone of a value that a graph computes: positions along its axes, such as a field's columns or a head's.

import { UserError } from "../../base/errors.ts";
import { dtypeBytes, elements, type GraphTensor, tensorBytes, tensorOfBytes } from "../tensor.ts";

/** By axis which positions are gone (1) and which stay (0); "all": nothing of the value is left. */
export type Gone = "all" | GoneAxes;

export type GoneAxes = ReadonlyMap<number, Uint8Array>;

const none: GoneAxes = new Map();

/** By axis, nothing where nothing is gone; "all" has no axes. */
export const axesOf = (gone: Gone | undefined): GoneAxes => (gone === undefined || gone === "all" ? none : gone);

/** `size` positions of which these are gone. */
export function mask(size: number, gone: Iterable<number>): Uint8Array {
  const out = new Uint8Array(size);
  for (const position of gone) out[position] = 1;
  return out;
}

/** The positions that stay, in order. */
export const keptOf = (gone: Uint8Array): number[] => [...gone.keys()].filter((position) => !gone[position]);

/** What is gone by either, axis by axis. */
export function union(...all: readonly GoneAxes[]): Map<number, Uint8Array> {
  const out = new Map<number, Uint8Array>();
  for (const axes of all) {
    for (const [axis, gone] of axes) {
      const before = out.get(axis);
      out.set(axis, before ? gone.map((x, i) => x | before[i]!) : gone);
    }
  }
  return out;
}

/** Without axes along which nothing is gone; "all" where nothing is left along one. */
export function settled(axes: GoneAxes): Gone | undefined {
  const real = [...axes].filter(([, gone]) => gone.includes(1));
  if (real.some(([, gone]) => !gone.includes(0))) return "all";
  return real.length > 0 ? new Map(real) : undefined;
}

/** Dims of what is left. */
export const dimsLeft = (dims: readonly number[], gone: GoneAxes): number[] =>
  dims.map((size, axis) => {
    const own = gone.get(axis);
    return own ? keptOf(own).length : size;
  });

/** What is left of a constant. */
export function sliceTensor(tensor: GraphTensor, gone: GoneAxes): GraphTensor {
  const { dtype, dims } = tensor;
  const size = dtype === "string" ? 0 : dtypeBytes(dtype);
  if (!Number.isInteger(size) || size === 0)
    throw new UserError(`a part of a constant of ${dtype} cannot be taken out.`);
  let [bytes, left] = [tensorBytes(tensor), dims];
  for (const [axis, own] of gone) {
    const kept = keptOf(own);
    const inner = elements(left.slice(axis + 1)) * size;
    const outer = elements(left.slice(0, axis));
    const out = new Uint8Array(outer * kept.length * inner);
    let to = 0;
    for (let o = 0; o < outer; o++) {
      for (const position of kept) {
        const from = (o * left[axis]! + position) * inner;
        out.set(bytes.subarray(from, from + inner), to);
        to += inner;
      }
    }
    [bytes, left] = [out, left.with(axis, kept.length)];
  }
  return tensorOfBytes(dtype, left, bytes);
}

/** What of `want` is not gone by `have` yet, in the positions that `have` left. */
export function beyond(want: GoneAxes, have: GoneAxes): Map<number, Uint8Array> {
  const out = new Map<number, Uint8Array>();
  for (const [axis, gone] of want) {
    const before = have.get(axis);
    const own = before ? Uint8Array.from(keptOf(before), (position) => gone[position]!) : gone;
    if (own.includes(1)) out.set(axis, own);
  }
  return out;
}
