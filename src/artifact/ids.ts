// A vocabulary as few bytes: id i is the name of row i. Whole numbers (all with no leading zero, or all of one width,
// such as "0104257") as entropy-coded distances, either ascending or in any order; other text front-coded in UTF-8.
//
//     count, form, …      form 0 text: per id, bytes shared with the one before, bytes of its own, those bytes
//                         form 1 ascending numbers: width or 0, then gaps     form 2 numbers in any order: the same,
//                         distance d as 2d, or -2d - 1 below 0

import { UserError } from "../base/errors.ts";
import { byteReader, byteWriter } from "../tables/bytes.ts";
import { decodeGaps, encodeGaps } from "../tables/gaps.ts";

const TEXT = 0;
const ASCENDING = 1;
const ANY_ORDER = 2;
/** Distances of any order must fit 32 bits with their sign. */
const MOST = 2 ** 31 - 1;

/** The file of a vocabulary; ids are unique. */
export function encodeIds(ids: readonly string[]): Uint8Array {
  const writer = byteWriter();
  writer.varint(ids.length);
  const width = numberWidth(ids);
  if (width === undefined) {
    writer.varint(TEXT);
    frontCode(ids, writer.varint, writer.raw);
    return writer.done();
  }
  const numbers = ids.map(Number);
  const ascending = numbers.every((n, i) => i === 0 || n > numbers[i - 1]!);
  const gaps = Uint32Array.from(numbers, (n, i) => {
    const d = n - (i === 0 ? 0 : numbers[i - 1]!);
    if (ascending) return i === 0 ? d : d - 1;
    return d >= 0 ? 2 * d : -2 * d - 1;
  });
  writer.varint(ascending ? ASCENDING : ANY_ORDER);
  writer.varint(width);
  writer.raw(encodeGaps(gaps));
  return writer.done();
}

/** The ids of a file that encodeIds wrote; a damaged one is a UserError that starts with `what`. */
export function decodeIds(file: Uint8Array, what: string): string[] {
  const reader = byteReader(file, what);
  const count = reader.varint();
  const form = reader.varint();
  if (count > MOST || form > ANY_ORDER) throw damaged(what, `it claims ${count} ids in form ${form}`);
  if (form === TEXT) return readText(reader, count, what);
  const width = reader.varint();
  if (width > 10) throw damaged(what, `ids of ${width} digits`);
  const gaps = decodeGaps(reader.rest(), count, what);
  const ids = new Array<string>(count);
  let n = 0;
  for (let i = 0; i < count; i++) {
    const gap = gaps[i]!;
    if (form === ASCENDING) n += i === 0 ? gap : gap + 1;
    else n += gap % 2 === 0 ? gap / 2 : -(gap + 1) / 2;
    if (n < 0 || n > MOST) throw damaged(what, `id ${i} is out of range`);
    ids[i] = width ? String(n).padStart(width, "0") : String(n);
  }
  return ids;
}

/** 0 for plain whole numbers, the common width where some have leading zeros, undefined for anything else. */
function numberWidth(ids: readonly string[]): number | undefined {
  const plain = ids.every((id) => /^(0|[1-9]\d{0,9})$/.test(id) && Number(id) <= MOST);
  if (plain) return ids.length ? 0 : undefined;
  const width = ids[0]!.length;
  const fixed = width <= 10 && ids.every((id) => id.length === width && /^\d+$/.test(id) && Number(id) <= MOST);
  return fixed ? width : undefined;
}

function frontCode(ids: readonly string[], varint: (n: number) => void, raw: (bytes: Uint8Array) => void): void {
  const encoder = new TextEncoder();
  let previous = new Uint8Array(0);
  for (const id of ids) {
    const bytes = encoder.encode(id);
    let shared = 0;
    while (shared < bytes.length && shared < previous.length && bytes[shared] === previous[shared]) shared++;
    varint(shared);
    varint(bytes.length - shared);
    raw(bytes.subarray(shared));
    previous = bytes;
  }
}

function readText(reader: ReturnType<typeof byteReader>, count: number, what: string): string[] {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const ids: string[] = [];
  let previous: Uint8Array = new Uint8Array(0);
  for (let i = 0; i < count; i++) {
    const shared = reader.varint();
    if (shared > previous.length) throw damaged(what, `id ${i} shares more than there is`);
    const own = reader.raw(reader.varint());
    const bytes = new Uint8Array(shared + own.length);
    bytes.set(previous.subarray(0, shared));
    bytes.set(own, shared);
    try {
      ids.push(decoder.decode(bytes));
    } catch {
      throw damaged(what, `id ${i} is not UTF-8`);
    }
    previous = bytes;
  }
  if (reader.rest().length) throw damaged(what, "bytes follow the last id");
  return ids;
}

const damaged = (what: string, why: string) =>
  new UserError(`${what}: ${why}; the file is damaged, seal the artifact again.`);
