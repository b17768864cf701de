// Constants of a graph: a shape and numbers in their storage type. Read-only: the data may be a view of a model file.
//
//     float16, bfloat16   their bits in a Uint16Array
//     bool                0 or 1 in a Uint8Array
//     int4, uint4         two an octet in a Uint8Array, the first in the low bits
//     string              in a Uint8Array, each as the length of its UTF-8 (4 octets, little-endian) and that

/** Storage types by ONNX Runtime's names. */
export type DType =
  | "float32"
  | "float16"
  | "bfloat16"
  | "float64"
  | "int64"
  | "uint64"
  | "int32"
  | "uint32"
  | "int16"
  | "uint16"
  | "int8"
  | "uint8"
  | "int4"
  | "uint4"
  | "bool"
  | "string";

type TensorData =
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array;

export interface GraphTensor {
  readonly dtype: DType;
  readonly dims: readonly number[];
  /** Row-major. */
  readonly data: TensorData;
  /** Fields of a model file that say nothing of the numbers (names, documentation), kept as their bytes. */
  readonly rest?: readonly Uint8Array[];
}

interface ArrayType {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): TensorData;
}

const arrayOf: Readonly<Record<DType, ArrayType>> = {
  float32: Float32Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  float64: Float64Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int4: Uint8Array,
  uint4: Uint8Array,
  bool: Uint8Array,
  string: Uint8Array,
};

/** Bytes of one element; half of one for int4 and uint4. */
export const dtypeBytes = (dtype: DType): number => (dtype.endsWith("int4") ? 0.5 : arrayOf[dtype].BYTES_PER_ELEMENT);

/** Bytes that a shape takes; undefined for strings, whose lengths differ. */
export function tensorByteLength(dtype: DType, dims: readonly number[]): number | undefined {
  return dtype === "string" ? undefined : Math.ceil(elements(dims) * dtypeBytes(dtype));
}

/** A tensor over little-endian bytes whose length fits the shape: a view of them where they are aligned, else a copy. */
export function tensorOfBytes(dtype: DType, dims: readonly number[], bytes: Uint8Array): GraphTensor {
  const type = arrayOf[dtype];
  const aligned = bytes.byteOffset % type.BYTES_PER_ELEMENT === 0 ? bytes : Uint8Array.from(bytes);
  const { buffer, byteOffset, byteLength } = aligned;
  return { dtype, dims, data: new type(buffer, byteOffset, byteLength / type.BYTES_PER_ELEMENT) };
}

/** The elements as little-endian bytes, without a copy. */
export const tensorBytes = ({ data }: GraphTensor): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/** How many elements a shape has; 1 for a scalar's []. */
export const elements = (dims: readonly number[]): number => dims.reduce((n, d) => n * d, 1);

export const float32 = (dims: readonly number[], data: Float32Array): GraphTensor => ({ dtype: "float32", dims, data });
export const uint8 = (dims: readonly number[], data: Uint8Array): GraphTensor => ({ dtype: "uint8", dims, data });
export const int32 = (dims: readonly number[], data: Int32Array): GraphTensor => ({ dtype: "int32", dims, data });
/** A one-dimensional int64 tensor, the form of axes, shapes and slices. */
export const int64 = (...values: readonly number[]): GraphTensor => ({
  dtype: "int64",
  dims: [values.length],
  data: BigInt64Array.from(values, BigInt),
});

/** A tensor of strings, given as the bytes of each. */
export function stringTensor(dims: readonly number[], strings: readonly Uint8Array[]): GraphTensor {
  const data = new Uint8Array(strings.reduce((n, s) => n + 4 + s.length, 0));
  const view = new DataView(data.buffer);
  let at = 0;
  for (const s of strings) {
    view.setUint32(at, s.length, true);
    data.set(s, at + 4);
    at += 4 + s.length;
  }
  return { dtype: "string", dims, data };
}

/** The bytes of each string of a tensor that stringTensor made, without a copy. */
export function tensorStrings(tensor: GraphTensor): Uint8Array[] {
  const bytes = tensorBytes(tensor);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const strings: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 + view.getUint32(at, true);
    strings.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return strings;
}
