// What makes two data sets the same: the SHA-256 of their content, independent of the platform's byte order.

import { sha256 } from "../base/sha256.ts";
import type { Events } from "./interactions.ts";
import type { RawColumn, RawTable } from "./raw-table.ts";

/** SHA-256 over vocabularies and columns, in this order: counts, users, items, user, item, value, time. */
export function fingerprint(events: Events): string {
  const { users, items, user, item, value, time } = events;
  const ids = new TextEncoder().encode(JSON.stringify([users, items]));
  const rows = user.length;
  const bytes = new Uint8Array(16 + ids.length + rows * (time ? 20 : 12));
  const view = new DataView(bytes.buffer);
  for (const [at, count] of [users.length, items.length, rows, time ? 1 : 0].entries())
    view.setUint32(at * 4, count, true);
  bytes.set(ids, 16);
  let at = 16 + ids.length;
  for (let e = 0; e < rows; e++, at += 4) view.setInt32(at, user[e]!, true);
  for (let e = 0; e < rows; e++, at += 4) view.setInt32(at, item[e]!, true);
  for (let e = 0; e < rows; e++, at += 4) view.setFloat32(at, value[e]!, true);
  if (time) for (let e = 0; e < rows; e++, at += 8) view.setFloat64(at, time[e]!, true);
  return sha256(bytes);
}

/** SHA-256 of a split's part array: which part each event is in. */
export function partHash(part: Uint8Array): string {
  return sha256(part);
}

/** SHA-256 over a table and the part of each row: of each column, by name, its form and content. */
export function tableFingerprint({ n, columns }: RawTable, part: Uint8Array): string {
  const parts = [...columns].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, column]) => [name, columnHash(column)]);
  return sha256(JSON.stringify([n, parts, sha256(part)]));
}

function columnHash(column: RawColumn): string {
  if (column.kind === "lists") return sha256(JSON.stringify([hashOf(column.start), columnHash(column.of)]));
  if (column.kind === "words") return sha256(JSON.stringify([column.words, hashOf(column.code)]));
  return hashOf(column.values);
}

/** Of the numbers, little-endian whatever the platform. */
function hashOf(numbers: Int32Array | Uint32Array | Float64Array): string {
  const size = numbers.BYTES_PER_ELEMENT;
  const view = new DataView(new ArrayBuffer(numbers.length * size));
  for (const [i, x] of numbers.entries()) {
    if (size === 8) view.setFloat64(i * 8, x, true);
    else view.setInt32(i * 4, x, true);
  }
  return sha256(new Uint8Array(view.buffer));
}
