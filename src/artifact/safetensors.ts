// The safetensors container (github.com/huggingface/safetensors, format version 0.x): 8 bytes of header length, a JSON
// header { name: { dtype, shape, data_offsets } } filled up with spaces, then the tensors without gaps. Here every
// tensor has one dimension; what its numbers mean is the table's matter.

import { UserError } from "../base/errors.ts";
import type { Tensor } from "../tables/table.ts";

const LARGEST_HEADER = 100_000_000;
const types = { F32: Float32Array, F16: Uint16Array, I32: Int32Array, U8: Uint8Array } as const;
type DType = keyof typeof types;

/** The file of these tensors; widest numbers first, then by name, so that each one is aligned. */
export function writeSafetensors(tensors: ReadonlyMap<string, Tensor>): Uint8Array {
  const entries = [...tensors].sort(([a, x], [b, y]) => y.BYTES_PER_ELEMENT - x.BYTES_PER_ELEMENT || (a < b ? -1 : 1));
  let end = 0;
  const header: Record<string, object> = {};
  for (const [name, tensor] of entries) {
    const start = end;
    end += tensor.byteLength;
    header[name] = { dtype: dtypeOf(tensor), shape: [tensor.length], data_offsets: [start, end] };
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(8 + headerBytes + end).fill(32, 8 + json.length, 8 + headerBytes);
  new DataView(file.buffer).setUint32(0, headerBytes, true);
  file.set(json, 8);
  let at = 8 + headerBytes;
  for (const [, tensor] of entries) {
    file.set(new Uint8Array(tensor.buffer, tensor.byteOffset, tensor.byteLength), at);
    at += tensor.byteLength;
  }
  return file;
}

/** The tensors of a file, copied out; whatever is wrong with it is a UserError that starts with `what`. */
export function readSafetensors(file: Uint8Array, what: string): Map<string, Tensor> {
  const damaged = (why: string) => new UserError(`${what}: ${why}; the file is damaged, seal the artifact again.`);
  if (file.length < 8) throw damaged(`a safetensors file has at least 8 bytes, got ${file.length}`);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const headerBytes = view.getUint32(4, true) * 2 ** 32 + view.getUint32(0, true);
  if (headerBytes > LARGEST_HEADER || 8 + headerBytes > file.length) {
    throw damaged(`its header claims ${headerBytes} bytes of the file's ${file.length}`);
  }
  const header = parseHeader(file.subarray(8, 8 + headerBytes));
  if (!header) throw damaged("its header is not a JSON object");
  const body = file.subarray(8 + headerBytes);
  const tensors = new Map<string, Tensor>();
  const spans: (readonly [start: number, end: number])[] = [];
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const parsed = parseEntry(entry);
    if (!parsed) throw damaged(`tensor "${name}" has no known dtype, no one-dimensional shape or no data_offsets`);
    const { dtype, length, start, end } = parsed;
    if (end > body.length) throw damaged(`tensor "${name}" ends at ${end} of ${body.length} bytes`);
    if (end - start !== length * types[dtype].BYTES_PER_ELEMENT) {
      throw damaged(`tensor "${name}" holds ${end - start} bytes, its shape [${length}] does not`);
    }
    spans.push([start, end]);
    // A copy, also of a Node Buffer, whose own slice is none.
    tensors.set(name, new types[dtype](new Uint8Array(body.subarray(start, end)).buffer));
  }
  spans.sort(([a, x], [b, y]) => a - b || x - y);
  let at = 0;
  for (const [start, end] of spans) {
    if (start !== at) throw damaged(`tensors overlap or leave a gap at byte ${Math.min(start, at)}`);
    at = end;
  }
  if (at !== body.length) throw damaged(`${body.length - at} bytes belong to no tensor`);
  return tensors;
}

function dtypeOf(tensor: Tensor): DType {
  if (tensor instanceof Float32Array) return "F32";
  if (tensor instanceof Uint16Array) return "F16";
  return tensor instanceof Int32Array ? "I32" : "U8";
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const header: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return typeof header === "object" && header && !Array.isArray(header) ? { ...header } : undefined;
  } catch {
    return undefined;
  }
}

function parseEntry(entry: unknown): { dtype: DType; length: number; start: number; end: number } | undefined {
  if (typeof entry !== "object" || !entry) return undefined;
  const { dtype, shape, data_offsets } = entry as Record<string, unknown>;
  const size = (n: unknown): n is number => Number.isSafeInteger(n) && (n as number) >= 0;
  if (typeof dtype !== "string" || !Object.hasOwn(types, dtype)) return undefined;
  if (!Array.isArray(shape) || shape.length !== 1 || !size(shape[0])) return undefined;
  if (!Array.isArray(data_offsets) || data_offsets.length !== 2) return undefined;
  const [start, end] = data_offsets as unknown[];
  if (!size(start) || !size(end) || start > end) return undefined;
  return { dtype: dtype as DType, length: shape[0], start, end };
}
