// A TensorProto as a tensor, from whichever field or file holds its numbers, and sparse ones as dense.

import { UserError } from "../base/errors.ts";
import { formatBytes } from "../base/format.ts";
import { dtypeOfCode } from "../graph/infer/dtypes.ts";
import {
  type DType,
  elements,
  type GraphTensor,
  stringTensor,
  tensorByteLength,
  tensorBytes,
  tensorOfBytes,
} from "../graph/tensor.ts";
import { closed, restOf, type SparseMessage, type TensorMessage, whole } from "./messages.ts";
import { messageBytes, TensorProto } from "./schema.ts";

/**
 * Reads `length` bytes at `offset` of a file beside the model; fewer where that file ends before. `location` is a
 * relative path that stays within the model's folder.
 */
export type ExternalData = (location: string, offset: number, length: number) => Uint8Array;

/** The file being read, as errors name it, and how to read those beside it. */
export interface Source {
  readonly file: string;
  readonly external?: ExternalData | undefined;
}

const MOST_DENSE_BYTES = 256e6;
const EXTERNAL = 1;

/** `what` names the tensor in errors. `named`: its name is held elsewhere, and is not kept with it. */
export function readTensor(t: TensorMessage, what: string, source: Source, named: boolean): GraphTensor {
  const where = `${source.file}: ${what}`;
  const dtype = dtypeOfCode(t.data_type);
  if (!dtype)
    throw new UserError(`${where} has number type ${t.data_type}, which is not supported; cast it to float32.`);
  const dims = readDims(t, where);
  const bytes =
    oneField(t, where) === "external_data" ? externalBytes(t, dtype, dims, where, source) : fieldBytes(t, dtype);
  const tensor =
    dtype === "string" ? readStrings(t, dims, where) : tensorOfBytes(dtype, dims, fitting(bytes, dtype, dims, where));
  const { rest = [] } = restOf(t);
  const kept = named || !t.name ? rest : [...rest, messageBytes(TensorProto, { name: t.name })];
  return kept.length ? { ...tensor, rest: kept } : tensor;
}

function readDims({ dims }: { dims: TensorMessage["dims"] }, where: string): number[] {
  const sizes = dims.map((d) => whole(d, where));
  const most = elements(sizes.map((d) => Math.max(1, Math.abs(d))));
  if (sizes.some((d) => d < 0) || most > Number.MAX_SAFE_INTEGER)
    throw new UserError(`${where}: its shape [${shown(sizes)}] is impossible; the file is damaged.`);
  return sizes;
}

const shown = (dims: readonly number[]) => (dims.length > 8 ? `${dims.slice(0, 8).join(", ")}, …` : dims.join(", "));

const fields = [
  "raw_data",
  "float_data",
  "double_data",
  "int32_data",
  "int64_data",
  "uint64_data",
  "string_data",
] as const;

/** The only field that holds numbers. */
function oneField(t: TensorMessage, where: string): string {
  const used: string[] = fields.filter((field) => t[field].length > 0);
  if (t.data_location === EXTERNAL || t.external_data.length) used.push("external_data");
  if (used.length > 1) throw new UserError(`${where} holds its numbers twice, in ${used.join(" and ")}.`);
  return used[0] ?? "raw_data";
}

/** The bytes, if they are as many as the shape needs. */
function fitting(bytes: Uint8Array, dtype: DType, dims: readonly number[], where: string): Uint8Array {
  const needed = tensorByteLength(dtype, dims);
  if (bytes.length === needed) return bytes;
  throw new UserError(
    `${where} holds ${bytes.length} bytes, its shape [${shown(dims)}] needs ${needed}; the file is cut short.`,
  );
}

/** Numbers from raw_data, or from the typed field that may hold them in its place. */
function fieldBytes(t: TensorMessage, dtype: DType): Uint8Array {
  // protobufjs gives an absent bytes field as an empty plain array.
  if (t.raw_data.length) return t.raw_data;
  const bytes = (array: ArrayBufferView) => new Uint8Array(array.buffer as ArrayBuffer);
  switch (dtype) {
    case "float32":
      return bytes(Float32Array.from(t.float_data));
    case "float64":
      return bytes(Float64Array.from(t.double_data));
    case "int64":
      return bytes(BigInt64Array.from(t.int64_data, (n) => BigInt(n.toString())));
    case "uint64":
      return bytes(BigUint64Array.from(t.uint64_data, (n) => BigInt(n.toString())));
    case "uint32":
      return bytes(Uint32Array.from(t.uint64_data, Number));
    case "int32":
      return bytes(Int32Array.from(t.int32_data));
    case "float16":
    case "bfloat16":
    case "int16":
    case "uint16":
      return bytes(Uint16Array.from(t.int32_data));
    default:
      return Uint8Array.from(t.int32_data);
  }
}

function readStrings(t: TensorMessage, dims: readonly number[], where: string): GraphTensor {
  if (t.string_data.length !== elements(dims))
    throw new UserError(
      `${where} holds ${t.string_data.length} strings, its shape [${shown(dims)}] needs ${elements(dims)}; the file is cut short.`,
    );
  return stringTensor(
    dims,
    t.string_data.map((s) => Uint8Array.from(s)),
  );
}

function externalBytes(
  t: TensorMessage,
  dtype: DType,
  dims: readonly number[],
  where: string,
  source: Source,
): Uint8Array {
  const entries = new Map(t.external_data.map((entry) => [closed(entry, where).key, entry.value]));
  const location = entries.get("location") ?? "";
  if (!staysInside(location))
    throw new UserError(
      `${where} keeps its data in ${JSON.stringify(location)}, which is not a file of the model's folder.`,
    );
  const needed = tensorByteLength(dtype, dims);
  if (needed === undefined) throw new UserError(`${where}: strings cannot be kept in another file.`);
  const offset = readCount(entries.get("offset") ?? "0", where);
  const length = readCount(entries.get("length") ?? String(needed), where);
  if (length !== needed)
    throw new UserError(
      `${where} says that "${location}" holds ${length} bytes, its shape [${shown(dims)}] needs ${needed}.`,
    );
  if (!source.external)
    throw new UserError(
      `${where} keeps its data in "${location}", which is not there; give the file beside the model.`,
    );
  if (needed === 0) return new Uint8Array(0);
  const bytes = source.external(location, offset, length);
  if (bytes.length === length) return bytes;
  throw new UserError(
    `${where}: "${location}" has ${bytes.length} of its ${length} bytes at ${offset}; it is cut short.`,
  );
}

const staysInside = (location: string): boolean =>
  location.split("/").every((part) => part !== "" && part !== "..") && !/[\\:]|\p{Cc}/u.test(location);

function readCount(text: string, where: string): number {
  const n = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(n)) throw new UserError(`${where}: "${text}" is no number of bytes; the file is damaged.`);
  return n;
}

/** A sparse initializer as a dense tensor: no runtime computes with it otherwise. More than 256 MB is a UserError. */
export function readSparse(sparse: SparseMessage, source: Source): { name: string; tensor: GraphTensor } {
  const name = sparse.values?.name ?? "";
  const what = `sparse initializer "${name}"`;
  const where = `${source.file}: ${what}`;
  const { values: valuesMessage, indices: indicesMessage } = closed(sparse, where);
  if (!valuesMessage || !indicesMessage)
    throw new UserError(`${where} has no values or no indices; the file is damaged.`);
  const values = readTensor(valuesMessage, what, source, true);
  const indices = readTensor(indicesMessage, what, source, true);
  const dims = readDims(sparse, where);
  const n = values.dims[0] ?? 0;
  const flat = indices.dims.length === 1;
  const fits = values.dims.length === 1 && indices.dtype === "int64" && indices.dims[0] === n;
  const needed = tensorByteLength(values.dtype, dims);
  if (!fits || (!flat && indices.dims[1] !== dims.length) || needed === undefined || values.dtype.endsWith("int4"))
    throw new UserError(`${where}: its values and indices do not fit its shape [${shown(dims)}].`);
  if (needed > MOST_DENSE_BYTES)
    throw new UserError(`${where} takes ${formatBytes(needed)} as a dense one; gather from it in parts.`);
  const width = needed / Math.max(1, elements(dims));
  const [dense, source8] = [new Uint8Array(needed), tensorBytes(values)];
  for (let i = 0; i < n; i++) {
    let at = flat ? Number(indices.data[i]) : 0;
    for (let axis = 0; axis < dims.length && !flat; axis++)
      at = at * dims[axis]! + Number(indices.data[i * dims.length + axis]);
    if (at < 0 || at >= elements(dims))
      throw new UserError(`${where}: index ${at} is outside its shape [${shown(dims)}].`);
    dense.set(source8.subarray(i * width, (i + 1) * width), at * width);
  }
  const tensor = tensorOfBytes(values.dtype, dims, dense);
  return { name, tensor: values.rest ? { ...tensor, rest: values.rest } : tensor };
}
