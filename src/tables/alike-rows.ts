// Which rows of a matrix hold the same numbers, to the bit.

/** For each of `rows` rows the first that is alike, often itself. `data` is row-major. */
export function firstAlike(data: Float32Array, rows: number, cols: number): Int32Array {
  const words = new Uint32Array(data.buffer, data.byteOffset, rows * cols);
  const met = new Map<number, number[]>();
  const first = Int32Array.from({ length: rows }, (_, r) => r);
  for (let r = 0; r < rows; r++) {
    let hash = 0;
    for (let c = 0; c < cols; c++) hash = (Math.imul(hash, 31) + words[r * cols + c]!) | 0;
    const alike = met.get(hash);
    if (!alike) met.set(hash, [r]);
    else {
      const found = alike.find((other) => same(words, cols, r, other));
      if (found === undefined) alike.push(r);
      else first[r] = found;
    }
  }
  return first;
}

function same(words: Uint32Array, cols: number, a: number, b: number): boolean {
  for (let c = 0; c < cols; c++) if (words[a * cols + c] !== words[b * cols + c]) return false;
  return true;
}
