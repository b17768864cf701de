import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { openKernels } from "../node/threads.ts";
import type { Kernels } from "./kernels.ts";
import {
  dequantizeInt8Rows,
  dequantizeIntNRows,
  fromHalf,
  packedRowBytes,
  quantizeInt8Rows,
  quantizeIntNRows,
  toHalf,
} from "./quantize.ts";

let k: Kernels;
beforeAll(async () => {
  k = await openKernels(1);
});

const f = Math.fround;

/** The number that a half stands for. */
function halfValue(h: number): number {
  const [sign, exponent, fraction] = [h >> 15 ? -1 : 1, (h >> 10) & 31, h & 1023];
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

/** Half to even on a number that may be divided by a power of two exactly. */
const even = (x: number) => {
  const low = Math.floor(x);
  if (x - low !== 0.5) return Math.round(x);
  return low % 2 === 0 ? low : low + 1;
};

/** The nearest half by arithmetic: the spacing at |x| is 2^(e-10), 2⁻²⁴ at least. */
function nearestHalf(x: number): number {
  if (Number.isNaN(x)) return 0x7e00;
  const sign = Object.is(x, -0) || x < 0 ? 0x8000 : 0;
  const size = Math.abs(x);
  if (size >= 65520) return sign | 0x7c00;
  const exponent = size < 2 ** -14 ? -14 : Math.floor(Math.log2(size));
  for (const e of [exponent - 1, exponent, exponent + 1]) {
    if (e < -14 || (size >= 2 ** (e + 1) && e < 15) || (size < 2 ** e && e > -14)) continue;
    const steps = even(size / 2 ** (e - 10));
    return sign | ((e + 14) * 1024 + steps);
  }
  throw new Error(`no exponent for ${x}`);
}

/** FloatOrHalfToFused8BitRowwiseQuantizedSBFloatRef, float32 step by float32 step. */
function plainInt8(row: Float32Array): Uint8Array {
  const out = new Uint8Array(row.length + 8);
  let [least, most] = [row[0], row[0]];
  for (const x of row) {
    if (x < least) least = x;
    if (x > most) most = x;
  }
  const range = f(most - least);
  const inverse = f(255 / f(range + f(1e-8)));
  for (let c = 0; c < row.length; c++) out[c] = even(f(f(row[c] - least) * inverse));
  const view = new DataView(out.buffer);
  view.setFloat32(row.length, f(range / 255), true);
  view.setFloat32(row.length + 4, least, true);
  return out;
}

/** FloatOrHalfToFusedNBitRowwiseQuantizedSBHalfRef. */
function plainIntN(row: Float32Array, bits: 2 | 4): Uint8Array {
  const [levels, perByte] = [2 ** bits - 1, 8 / bits];
  const bytes = Math.ceil(row.length / perByte);
  const out = new Uint8Array(bytes + 4);
  let [least, most] = [row[0], row[0]];
  for (const x of row) {
    if (x < least) least = x;
    if (x > most) most = x;
  }
  const bias = halfValue(nearestHalf(least));
  const range = f(most - bias);
  let scale = halfValue(nearestHalf(range === 0 ? 1 : f(range / levels)));
  if (scale === 0) scale = 1;
  let inverse = f(1 / scale);
  if (!Number.isFinite(inverse)) [scale, inverse] = [1, 1];
  for (let c = 0; c < row.length; c++) {
    const q = Math.max(0, Math.min(levels, even(f(f(row[c] - bias) * inverse))));
    out[Math.floor(c / perByte)] |= q << ((c % perByte) * bits);
  }
  const view = new DataView(out.buffer);
  view.setUint16(bytes, nearestHalf(scale), true);
  view.setUint16(bytes + 2, nearestHalf(least), true);
  return out;
}

const number = fc.oneof(
  fc.double({ min: -3, max: 3, noNaN: true }).map(f),
  fc.float({ min: f(-6e4), max: f(6e4), noNaN: true }),
  fc.constantFrom(0, -0, 1, -1, f(1e-8), f(-1e-9), 2 ** -149, f(5e4)),
);
const tables = fc.integer({ min: 1, max: 75 }).chain((cols) =>
  fc.record({
    cols: fc.constant(cols),
    rows: fc.array(
      fc.oneof(
        fc.array(number, { minLength: cols, maxLength: cols }),
        number.map((x) => Array<number>(cols).fill(x)),
        fc.array(fc.constantFrom(0, -0), { minLength: cols, maxLength: cols }),
      ),
      { maxLength: 4 },
    ),
  }),
);

test("halves round to the nearest even, and all 65,536 come back", () => {
  const s = k.scope();
  const halves = s.u8(2 * 65536);
  const words = new Uint16Array(halves.buffer, halves.byteOffset, 65536);
  for (let h = 0; h < 65536; h++) words[h] = h;
  const floats = s.f32(65536);
  fromHalf(k, halves, floats);
  floats.forEach((x, h) => {
    if (!Object.is(x, halfValue(h))) throw new Error(`half ${h} became ${x}`);
  });
  words.fill(1);
  toHalf(k, floats, words);
  words.forEach((h, i) => {
    const expected = (i & 0x7c00) === 0x7c00 && i & 1023 ? (i & 0x8000) | 0x7e00 : i;
    if (h !== expected) throw new Error(`half ${i} came back as ${h}`);
  });
  s.free();
});

test("any float becomes the nearest half", () => {
  const middle = fc.integer({ min: 0, max: 0x7bff }).map((h) => (halfValue(h) + halfValue(h + 1)) / 2);
  const near = fc.tuple(middle, fc.constantFrom(-1, 0, 1), fc.boolean()).map(([m, step, negative]) => {
    const bits = new Int32Array(1);
    const x = new Float32Array(bits.buffer);
    x[0] = Number.isFinite(m) ? m : 65520;
    bits[0] += step;
    return negative ? -x[0] : x[0];
  });
  fc.assert(
    fc.property(fc.array(fc.oneof(near, fc.float()), { maxLength: 20 }), (values) => {
      const s = k.scope();
      const out = s.u8(2 * values.length);
      toHalf(k, s.copy(Float32Array.from(values)), out);
      const words = new Uint16Array(out.buffer, out.byteOffset, values.length);
      expect([...words].map((h, i) => (Number.isNaN(values[i]) ? h & 0x7fff : h))).toEqual(values.map(nearestHalf));
      s.free();
    }),
    { numRuns: 1000 },
  );
});

test("int8 rows equal FBGEMM's bytes and dequantise to q·scale + bias", () => {
  fc.assert(
    fc.property(tables, ({ cols, rows }) => {
      const s = k.scope();
      const X = s.copy(Float32Array.from(rows.flat()));
      const packed = s.u8(rows.length * (cols + 8));
      quantizeInt8Rows(k, X, rows.length, cols, packed);
      expect([...packed]).toEqual(rows.flatMap((row) => [...plainInt8(Float32Array.from(row))]));
      const back = s.f32(X.length);
      dequantizeInt8Rows(k, packed, rows.length, cols, back);
      const view = new DataView(packed.buffer, packed.byteOffset);
      back.forEach((x, i) => {
        const start = Math.floor(i / cols) * (cols + 8);
        const [scale, bias] = [view.getFloat32(start + cols, true), view.getFloat32(start + cols + 4, true)];
        expect(x).toBe(f(f(packed[start + (i % cols)] * scale) + bias));
      });
      s.free();
    }),
    { numRuns: 400 },
  );
});

test.each([2, 4] as const)("int%i rows equal FBGEMM's bytes and dequantise to q·scale + bias", (bits) => {
  fc.assert(
    fc.property(tables, ({ cols, rows }) => {
      const s = k.scope();
      const X = s.copy(Float32Array.from(rows.flat()));
      const stride = packedRowBytes(cols, bits);
      const packed = s.u8(rows.length * stride);
      quantizeIntNRows(k, X, rows.length, cols, bits, packed);
      expect([...packed]).toEqual(rows.flatMap((row) => [...plainIntN(Float32Array.from(row), bits)]));
      const back = s.f32(X.length);
      dequantizeIntNRows(k, packed, rows.length, cols, bits, back);
      const view = new DataView(packed.buffer, packed.byteOffset);
      back.forEach((x, i) => {
        const start = Math.floor(i / cols) * stride;
        const [scale, bias] = [stride - 4, stride - 2].map((at) => halfValue(view.getUint16(start + at, true)));
        const bit = (i % cols) * bits;
        const q = (packed[start + (bit >> 3)] >> (bit & 7)) & (2 ** bits - 1);
        expect(x).toBe(f(f(q * scale) + bias));
      });
      s.free();
    }),
    { numRuns: 400 },
  );
});

test("numbers that are not finite do not trap, and wrong lengths are refused", () => {
  const s = k.scope();
  const X = s.copy(Float32Array.of(Number.NaN, 1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY));
  quantizeInt8Rows(k, X, 2, 2, s.u8(20));
  quantizeIntNRows(k, X, 1, 4, 4, s.u8(6));
  expect(() => quantizeInt8Rows(k, X, 2, 2, s.u8(19))).toThrow("out must have 20 elements, got 19");
  expect(() => quantizeIntNRows(k, X, 1, 4, 2, s.u8(6))).toThrow("out must have 5 elements, got 6");
  expect(() => toHalf(k, X, s.u8(4))).toThrow("out must have 8 elements, got 4");
  s.free();
});
