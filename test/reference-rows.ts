// FBGEMM's fused row formats written plainly (papers.md C), for tests of what reads and of what writes them.

import type { Table } from "../src/tables/table.ts";

const scratch = new DataView(new ArrayBuffer(8));

/** float32 to binary16, round half to even, through float64 arithmetic. */
export function toHalf(value: number): number {
  scratch.setFloat32(0, value);
  const sign = (scratch.getUint32(0) >>> 16) & 0x8000;
  const size = Math.abs(value);
  if (Number.isNaN(value)) return sign | 0x7e00;
  if (size === 0 || size === Number.POSITIVE_INFINITY) return size ? sign | 0x7c00 : sign | 0;
  const exponent = Math.max(-14, Math.floor(Math.log2(size)));
  const step = 2 ** (exponent - 10);
  const rounded = roundEven(size / step) * step;
  if (rounded >= 65520) return sign | 0x7c00;
  if (rounded < 2 ** -14) return sign | (rounded / 2 ** -24);
  const e = Math.floor(Math.log2(rounded));
  return sign | ((e + 15) << 10) | (rounded / 2 ** (e - 10) - 1024);
}

export function roundEven(x: number): number {
  const low = Math.floor(x);
  const rest = x - low;
  return rest < 0.5 || (rest === 0.5 && low % 2 === 0) ? low : low + 1;
}

/** An int8-row, int4-row or int2-row table by the formulas, min-max range. */
export function quantisedTable(
  bits: 8 | 4 | 2,
  rows: number,
  cols: number,
  dense: Float32Array,
  half: (bits: number) => number,
): Table {
  const width = Math.ceil((cols * bits) / 8);
  const rowBytes = width + (bits === 8 ? 8 : 4);
  const data = new Uint8Array(rows * rowBytes);
  const view = new DataView(data.buffer);
  const top = 2 ** bits - 1;
  for (let r = 0; r < rows; r++) {
    const row = dense.subarray(r * cols, (r + 1) * cols);
    const [min, max] = [Math.min(...row), Math.max(...row)];
    let bias = min;
    let scale = Math.fround(Math.fround(max - min) / top);
    if (bits !== 8) {
      bias = half(toHalf(min));
      scale = half(toHalf((max - bias) / top)) || 1;
      view.setUint16(r * rowBytes + width, toHalf(scale), true);
      view.setUint16(r * rowBytes + width + 2, toHalf(bias), true);
    } else {
      view.setFloat32(r * rowBytes + width, scale, true);
      view.setFloat32(r * rowBytes + width + 4, bias, true);
    }
    row.forEach((x, c) => {
      const level = bits === 8 ? ((x - min) * 255) / (max - min + 1e-8) : (x - bias) / scale;
      const q = Math.min(top, Math.max(0, roundEven(level)));
      data[r * rowBytes + Math.floor((c * bits) / 8)] |= q << ((c * bits) % 8);
    });
  }
  return { encoding: `int${bits}-row`, rows, cols, tensors: { data } };
}
