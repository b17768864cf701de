// The initializer of an embedding table that is drawn when it is read: a table of many gigabytes is then drawn once, into
// the memory that it is trained in, and not into an array of its own before.

import { elements, type GraphTensor } from "../../graph/tensor.ts";
import { givenRows } from "../tables/init.ts";

/** Fills consecutive blocks of rows, from the first row on. */
type Filler = (block: Float32Array) => void;

/** What to fill a table with, of those whose numbers nobody has read yet. */
const undrawn = new WeakMap<GraphTensor, () => Filler>();

/** Rows drawn at a time. */
const BLOCK = 4096;

/** A float32 [rows, width] of the numbers that `draws()` gives, a block of some rows after the other. */
export function lazyTable(dims: readonly [number, number], draws: () => (rows: number) => Float32Array): GraphTensor {
  const [, width] = dims;
  const filler = (): Filler => {
    const draw = draws();
    return (block) => {
      for (let at = 0; at < block.length; at += BLOCK * width) {
        const part = block.subarray(at, at + BLOCK * width);
        part.set(draw(part.length / width));
      }
    };
  };
  let data: Float32Array | undefined;
  const tensor: GraphTensor = {
    dtype: "float32",
    dims,
    get data() {
      if (data === undefined) {
        data = new Float32Array(elements(dims));
        filler()(data);
        // From here on the array counts: a reader may have written to it.
        undrawn.delete(tensor);
      }
      return data;
    },
  };
  undrawn.set(tensor, filler);
  return tensor;
}

/** A filler of the rows of a table's initializer. */
export const rowsOf = (tensor: GraphTensor): Filler =>
  undrawn.get(tensor)?.() ?? givenRows(tensor.data as Float32Array);
