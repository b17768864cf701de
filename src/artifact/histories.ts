// Who took what, as few bytes: users, then how many items each has, then the distances between them, entropy-coded.

import { UserError } from "../base/errors.ts";
import { byteReader, byteWriter } from "../tables/bytes.ts";
import { decodeGaps, encodeGaps } from "../tables/gaps.ts";

/** Row u holds indices[indptr[u] … indptr[u+1]), ascending and unique. */
export interface Histories {
  readonly indptr: Int32Array;
  readonly indices: Int32Array;
  /** The k-th item of row u in time is indices[indptr[u] + order[indptr[u] + k]]; absent where nothing asks for it. */
  readonly order?: Uint32Array;
}

/** The items of a user in time, or ascending where the order is not kept. */
export function historyOf({ indptr, indices, order }: Histories, user: number): Int32Array {
  const row = indices.subarray(indptr[user]!, indptr[user + 1]!);
  return order ? Int32Array.from(order.subarray(indptr[user]!, indptr[user + 1]!), (at) => row[at]!) : row;
}

/** The order of an encodeOrder file over these histories; one that is no order of each row is a UserError. */
export function decodeOrder(file: Uint8Array, { indptr, indices }: Histories, what: string): Uint32Array {
  const order = decodeGaps(file, indices.length, what);
  const met = new Uint8Array(indices.length);
  for (let u = 0; u + 1 < indptr.length; u++) {
    const [from, to] = [indptr[u]!, indptr[u + 1]!];
    for (let at = from; at < to; at++) {
      const place = from + order[at]!;
      if (place >= to || met[place]) {
        throw new UserError(`${what}: it is no order of row ${u}; the file is damaged, seal the artifact again.`);
      }
      met[place] = 1;
    }
  }
  return order;
}

export const encodeOrder = (order: Uint32Array): Uint8Array => encodeGaps(order);

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
