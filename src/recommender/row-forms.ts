// The forms of int8-row, int4-row and int2-row tables, x = scale · q + bias for each row, where one of them is not `packed`
// alone (forms.ts).

import { must } from "../base/errors.ts";
import type { Builder } from "../graph/builder.ts";
import type { Attribute } from "../graph/graph.ts";
import { dtypeCode } from "../graph/infer/dtypes.ts";
import { float32, type GraphTensor, int64, tensorOfBytes, uint8 } from "../graph/tensor.ts";
import { ofDigits } from "../tables/levels-row.ts";
import type { Table } from "../tables/table.ts";
import { lowerCodes } from "./code-forms.ts";
import { blockOf, type Form } from "./forms.ts";
import type { LoweredTable } from "./lower-table.ts";

/** Adds a table's constants under `name`, to be read in the form. */
export function lowerRows(b: Builder, name: string, table: Table, bits: 8 | 4 | 2, form: Form): LoweredTable {
  const { rows, cols } = table;
  const { q, terms, width } = splitRows(table, bits);
  const kept = b.constant(`${name}.scale_bias`, terms);
  if (form === "look-up") {
    const levels = Float32Array.from({ length: 2 ** bits }, (_, digit) => digit);
    const digits = lowerCodes(b, name, ofDigits(q, width, levels), cols);
    const picked = (index: string) => b.node("Gather", [kept, index], { axis: 0 });
    return {
      all: () => affine(b, digits.all(), kept, bits),
      rows: (index) => affine(b, digits.rows(index), picked(index), bits),
    };
  }
  const blocks = form === "column-blocks";
  const packed = b.constant(`${name}.q`, uint8([rows, width], blocks ? inBlocks(q, { rows, cols, bits, width }) : q));
  const unpack = (value: string): string =>
    bits === 8 ? value : (blocks ? joinedBlocks : unpackBits)(b, value, bits, width, cols);
  const pick = (constant: string, index: string) => b.node("Gather", [constant, index], { axis: 0 });
  const wholes = (value: string) => b.node("Cast", [unpack(value)], { to: dtypeCode.float32 });
  const plain: LoweredTable = {
    all: () => affine(b, wholes(packed), kept, bits),
    rows: (index) => affine(b, wholes(pick(packed, index)), pick(kept, index), bits),
  };
  if (form === "integers") return { ...plain, product: (query) => inIntegers(b, query, unpack(packed), kept, bits) };
  if (form !== "block-quantized") return plain;
  const own = { b, packed, kept, rows, cols, bits: bits as 8 | 4 };
  return {
    ...plain,
    rows: (index) => blocksPicked(own, index),
    product: (query) => blocksMultiplied(own, query),
  };
}

/** The scale and the bias of rows, each [..., 1]. */
function termsOf(b: Builder, kept: string, bits: number): [scale: string, bias: string] {
  const axis = (n: number) => b.constant("axis", int64(n));
  const pair = bits === 8 ? kept : b.node("Cast", [kept], { to: dtypeCode.float32 });
  return [b.node("Slice", [pair, axis(0), axis(1), axis(-1)]), b.node("Slice", [pair, axis(1), axis(2), axis(-1)])];
}

/** The same for numbers around their middle m = 2^(bits - 1):  s q + b = s (q - m) + (s m + b). */
function aroundMiddle(b: Builder, kept: string, bits: number): [scale: string, bias: string] {
  const [scale, bias] = termsOf(b, kept, bits);
  return [scale, b.node("Add", [b.node("Mul", [scale, scalar(b, 2 ** (bits - 1))]), bias])];
}

function affine(b: Builder, q: string, kept: string, bits: number): string {
  const [scale, bias] = termsOf(b, kept, bits);
  return b.node("Add", [b.node("Mul", [q, scale]), bias]);
}

const scalar = (b: Builder, x: number): string => b.constant("number", float32([], Float32Array.of(x)));
const turned = (b: Builder, value: string): string => b.node("Transpose", [value], { perm: [1, 0] });

/**
 * Products of v [batch, cols] with all rows s Q + c in whole numbers, Q around its middle: v ≈ t (256 h + l), h and l of
 * 8 bits, t = max |v| / 32512 of each vector, so that Q · v ≈ t (256 h · Q + l · Q). Both halves are unsigned around 128:
 * sums of uint8 and uint8 saturate on no processor.
 */
function inIntegers(b: Builder, v: string, q: string, kept: string, bits: number): string {
  const most = largestOf(b, b.node("Abs", [v]));
  const step = b.node("Max", [b.node("Div", [most, scalar(b, 32512)]), scalar(b, 1e-30)]);
  const whole = b.node("Div", [v, step]);
  const high = b.node("Round", [b.node("Div", [whole, scalar(b, 256)])]);
  const rest = b.node("Round", [b.node("Sub", [whole, b.node("Mul", [high, scalar(b, 256)])])]);
  const low = b.node("Min", [rest, scalar(b, 127)]);
  const halves = b.node("Add", [b.node("Concat", [high, low], { axis: 0 }), scalar(b, 128)]);
  const bytes = b.node("Cast", [halves], { to: dtypeCode.uint8 });
  const [zero, middle] = [128, 2 ** (bits - 1)].map((n) => b.constant("zero", uint8([], Uint8Array.of(n)))) as [
    string,
    string,
  ];
  const wholes = b.node("MatMulInteger", [bytes, turned(b, q), zero, middle]);
  const sums = b.node("Cast", [wholes], { to: dtypeCode.float32 });
  const batch = b.node("Shape", [v], { start: 0, end: 1 });
  const part = (from: string, to: string) => b.node("Slice", [sums, from, to, b.constant("axis", int64(0))]);
  const none = b.constant("first", int64(0));
  const both = b.node("Add", [batch, batch]);
  const [ofHigh, ofLow] = [part(none, batch), part(batch, both)];
  const product = b.node("Add", [
    b.node("Mul", [ofHigh, b.node("Mul", [step, scalar(b, 256)])]),
    b.node("Mul", [ofLow, step]),
  ]);
  const [scale, bias] = aroundMiddle(b, kept, bits);
  return withBias(b, v, b.node("Mul", [product, turned(b, scale)]), bias);
}

/** The largest number of each row, [batch, 1]. */
const largestOf = (b: Builder, value: string): string =>
  b.graph.opset < 18
    ? b.node("ReduceMax", [value], { axes: [-1], keepdims: 1 })
    : b.node("ReduceMax", [value, b.constant("axis", int64(-1))], { keepdims: 1 });

/** products + bias of each row · Σ v. */
function withBias(b: Builder, v: string, products: string, bias: string): string {
  const sum = b.node("ReduceSum", [v, b.constant("axis", int64(-1))], { keepdims: 1 });
  return b.node("Add", [products, b.node("Mul", [sum, turned(b, bias)])]);
}

interface Blocks {
  readonly b: Builder;
  readonly packed: string;
  readonly kept: string;
  readonly rows: number;
  readonly cols: number;
  readonly bits: 8 | 4;
}

function contrib(b: Builder, op: string, inputs: string[], attributes: Record<string, Attribute>): string {
  b.graph.domains["com.microsoft"] = 1;
  const output = b.node(op, inputs, attributes);
  b.graph.nodes.at(-1)!.domain = "com.microsoft";
  return output;
}

/** The scales of all blocks, [rows, blocks], and the bias around the middle, which blocks without zero points have for 0. */
function blockTerms(of: Blocks): { scales: string; bias: string; block: number } {
  const { b, kept, rows, cols, bits } = of;
  const block = must(blockOf(cols), "columns of blocks");
  const [scale, bias] = aroundMiddle(b, kept, bits);
  return { scales: b.node("Expand", [scale, b.constant("blocks", int64(rows, cols / block))]), bias, block };
}

function blocksPicked(of: Blocks, index: string): string {
  const { scales, bias, block } = blockTerms(of);
  const attributes = { gather_axis: 0, quantize_axis: 1, block_size: block, bits: of.bits };
  const found = contrib(of.b, "GatherBlockQuantized", [of.packed, index, scales], attributes);
  return of.b.node("Add", [found, of.b.node("Gather", [bias, index], { axis: 0 })]);
}

function blocksMultiplied(of: Blocks, v: string): string {
  const { b, packed, rows, cols, bits } = of;
  const { scales, bias, block } = blockTerms(of);
  const shape = b.constant("blocks", int64(rows, cols / block, (block * bits) / 8));
  const attributes = { K: cols, N: rows, bits, block_size: block };
  const products = contrib(b, "MatMulNBits", [v, b.node("Reshape", [packed, shape]), scales], attributes);
  return withBias(b, v, products, bias);
}

/** Separates the packed numbers of fused rows from their scales and biases, which keep their precision. */
function splitRows(table: Table, bits: number): { q: Uint8Array; terms: GraphTensor; width: number } {
  const data = must(table.tensors["data"], "the rows of a quantised table") as Uint8Array;
  const width = Math.ceil((table.cols * bits) / 8);
  const size = bits === 8 ? 4 : 2;
  const rowBytes = width + 2 * size;
  const q = new Uint8Array(table.rows * width);
  const terms = new Uint8Array(table.rows * 2 * size);
  for (let row = 0; row < table.rows; row++) {
    const start = row * rowBytes;
    q.set(data.subarray(start, start + width), row * width);
    terms.set(data.subarray(start + width, start + rowBytes), row * 2 * size);
  }
  return { q, terms: tensorOfBytes(bits === 8 ? "float32" : "float16", [table.rows, 2], terms), width };
}

/** The numbers that each byte holds, as values of one number a byte, low bits first. */
function lanesOf(b: Builder, packed: string, bits: number): string[] {
  const by = (n: number) => b.constant("shift", { dtype: "uint8", dims: [], data: Uint8Array.of(n) });
  const shift = (value: string, n: number, direction: "LEFT" | "RIGHT") =>
    n === 0 ? value : b.node("BitShift", [value, by(n)], { direction });
  return Array.from({ length: 8 / bits }, (_, lane) =>
    shift(shift(packed, 8 - bits * (lane + 1), "LEFT"), 8 - bits, "RIGHT"),
  );
}

/** [..., bytes] of packed numbers, low bits first → [..., cols] with one number a byte. */
function unpackBits(b: Builder, packed: string, bits: number, width: number, cols: number): string {
  const lanes = lanesOf(b, packed, bits).map((alone) => b.node("Unsqueeze", [alone, b.constant("axis", int64(-1))]));
  const stacked = b.node("Concat", lanes, { axis: -1 });
  // Keep all leading dimensions, flatten [bytes, lanes], then drop the numbers that only fill up the last byte.
  const lead = b.node("Shape", [packed], { start: 0, end: -1 });
  const shape = b.node("Concat", [lead, b.constant("flat", int64((width * 8) / bits))], { axis: 0 });
  return firstColumns(b, b.node("Reshape", [stacked, shape]), cols);
}

/** The same of bytes in blocks: number l of byte i is column l · width + i. */
const joinedBlocks = (b: Builder, packed: string, bits: number, width: number, cols: number): string => {
  const joined = b.node("Concat", lanesOf(b, packed, bits), { axis: -1 });
  return (width * 8) / bits === cols ? joined : firstColumns(b, joined, cols);
};

const firstColumns = (b: Builder, value: string, cols: number): string =>
  b.node("Slice", [value, ...[0, cols, -1].map((n) => b.constant("slice", int64(n)))]);

interface Bits {
  readonly rows: number;
  readonly cols: number;
  readonly bits: number;
  readonly width: number;
}

/** Packed rows in the order of joinedBlocks. */
function inBlocks(q: Uint8Array, { rows, cols, bits, width }: Bits): Uint8Array {
  const [perByte, mask] = [8 / bits, 2 ** bits - 1];
  const out = new Uint8Array(q.length);
  for (let row = 0; row < rows; row++) {
    const start = row * width;
    for (let c = 0; c < cols; c++) {
      const digit = (q[start + Math.floor(c / perByte)]! >>> ((c % perByte) * bits)) & mask;
      out[start + (c % width)]! |= digit << (Math.floor(c / width) * bits);
    }
  }
  return out;
}
