// The product of a vector and a row of many.

/** query · rows[from …), `from` counted in numbers. */
export function rowProduct(query: Float32Array, rows: Float32Array, from: number): number {
  let sum = 0;
  for (let x = 0; x < query.length; x++) sum += query[x]! * rows[from + x]!;
  return sum;
}
