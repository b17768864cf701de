// Who took what, as few bytes: users, then how many items each has, then the distances between them, entropy-coded.

import { UserError } from "../base/errors.ts";
import { byteReader, byteWriter } from "../tables/bytes.ts";
import { decodeGaps, encodeGaps } from "../tables/gaps.ts";

/** Row u holds indices[indptr[u] … indptr[u+1]), ascending and unique. */
export interface Histories {
  readonly indptr: Int32Array;
  readonly indices: Int32Array;
}

export function encodeHistories({ indptr, indices }: Histories): Uint8Array {
  const users = indptr.length - 1;
  const counts = new Uint32Array(users);
  const gaps = new Uint32Array(indices.length);
  for (let u = 0; u < users; u++) {
    counts[u] = indptr[u + 1]! - indptr[u]!;
    for (let at = indptr[u]!, next = 0; at < indptr[u + 1]!; at++) {
      gaps[at] = indices[at]! - next;
      next = indices[at]! + 1;
    }
  }
  const writer = byteWriter();
  const coded = encodeGaps(counts);
  writer.varint(users);
  writer.varint(coded.length);
  writer.raw(coded);
  writer.raw(encodeGaps(gaps));
  return writer.done();
}

/** The rows of a file that encodeHistories wrote over `items` items; a damaged one is a UserError. */
export function decodeHistories(file: Uint8Array, items: number, what: string): Histories {
  const damaged = (why: string) => new UserError(`${what}: ${why}; the file is damaged, seal the artifact again.`);
  const reader = byteReader(file, what);
  const users = reader.varint();
  if (users >= 2 ** 31) throw damaged(`it claims ${users} users`);
  const counts = decodeGaps(reader.raw(reader.varint()), users, what);
  const indptr = new Int32Array(users + 1);
  for (let u = 0, n = 0; u < users; u++) {
    n += counts[u]!;
    if (counts[u]! > items || n >= 2 ** 31) throw damaged(`user ${u} has ${counts[u]} items of ${items}`);
    indptr[u + 1] = n;
  }
  const gaps = decodeGaps(reader.rest(), indptr[users]!, what);
  const indices = new Int32Array(gaps.length);
  for (let u = 0; u < users; u++) {
    for (let at = indptr[u]!, next = 0; at < indptr[u + 1]!; at++) {
      const item = next + gaps[at]!;
      if (item >= items) throw damaged(`user ${u} has item ${item} of ${items}`);
      indices[at] = item;
      next = item + 1;
    }
  }
  return { indptr, indices };
}
