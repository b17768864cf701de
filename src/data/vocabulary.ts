// From id strings to dense integers. The order of a vocabulary is part of the result: numeric where every id is a
// canonical non-negative integer, by code unit elsewhere, so that id maps compress and never depend on the row order.

/** Distinct ids in order, and for each input its position among them. */
export interface Encoded {
  readonly vocabulary: string[];
  readonly index: Int32Array;
}

/** Encodes ids by their sorted vocabulary. */
export function encodeIds(ids: readonly string[]): Encoded {
  const seen = new Map<string, number>();
  const index = new Int32Array(ids.length);
  for (let e = 0; e < ids.length; e++) {
    const id = ids[e]!;
    let at = seen.get(id);
    if (at === undefined) {
      at = seen.size;
      seen.set(id, at);
    }
    index[e] = at;
  }
  const met = [...seen.keys()];
  const vocabulary = sortIds(met.slice());
  const rank = new Map(vocabulary.map((id, at) => [id, at]));
  const place = Int32Array.from(met, (id) => rank.get(id)!);
  for (let e = 0; e < index.length; e++) index[e] = place[index[e]!]!;
  return { vocabulary, index };
}

/** Sorts ids in place: as numbers when all are canonical non-negative integers below 10¹⁵, else by code unit. */
export function sortIds(ids: string[]): string[] {
  if (ids.every((id) => /^(0|[1-9]\d{0,14})$/.test(id))) return ids.sort((a, b) => Number(a) - Number(b));
  return ids.sort();
}
