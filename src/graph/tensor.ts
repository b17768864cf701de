// Constants of a graph: a shape and numbers in their storage type. float16 is held as its bits.

export type DType = "float32" | "float16" | "int64" | "int32" | "uint8" | "int8" | "bool";
type TensorData = Float32Array | Uint16Array | BigInt64Array | Int32Array | Uint8Array | Int8Array;

export interface GraphTensor {
  readonly dtype: DType;
  readonly dims: readonly number[];
  /** Row-major; one number an element. */
  readonly data: TensorData;
}

const arrayOf: Readonly<Record<DType, { new (n: number): TensorData; new (b: ArrayBuffer): TensorData }>> = {
  float32: Float32Array,
  float16: Uint16Array,
  int64: BigInt64Array,
  int32: Int32Array,
  uint8: Uint8Array,
  int8: Int8Array,
  bool: Uint8Array,
};

/** Bytes of one element. */
export const dtypeBytes = (dtype: DType): number => new arrayOf[dtype](1).byteLength;

/** A tensor over little-endian bytes, which it copies; their length must fit the shape. */
export function tensorOfBytes(dtype: DType, dims: readonly number[], bytes: Uint8Array): GraphTensor {
  return { dtype, dims, data: new arrayOf[dtype](bytes.slice().buffer as ArrayBuffer) };
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
