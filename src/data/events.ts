// Making and narrowing Events. A narrowed set has compact vocabularies: no user or item without an event.

import type { Events } from "./interactions.ts";
import { type RawTable, takeRows } from "./raw-table.ts";
import { encodeIds } from "./vocabulary.ts";

/** What a source gives: one id pair a row, with value and time where it has them. */
export interface EventColumns {
  readonly user: readonly string[];
  readonly item: readonly string[];
  readonly value?: ArrayLike<number>;
  readonly time?: Float64Array;
}

/** Events over sorted vocabularies; the value is 1 where the columns have none. */
export function toEvents(columns: EventColumns): Events {
  const users = encodeIds(columns.user);
  const items = encodeIds(columns.item);
  const value = columns.value ? Float32Array.from(columns.value) : new Float32Array(columns.user.length).fill(1);
  return {
    users: users.vocabulary,
    items: items.vocabulary,
    user: users.index,
    item: items.index,
    value,
    ...(columns.time && { time: columns.time }),
  };
}

/** Events with what is known beside them; the narrow view of a dataset that data/ needs. */
export interface EventSet {
  readonly events: Events;
  readonly part?: Uint8Array;
  readonly titles?: readonly string[];
  readonly userFeatures?: RawTable;
  readonly itemFeatures?: RawTable;
}

/** The events at `kept` (ascending positions), with vocabularies, parts, titles and features narrowed to what is left. */
export function pick(set: EventSet, kept: Uint32Array): EventSet {
  const { events, part, titles, userFeatures, itemFeatures } = set;
  const user = new Int32Array(kept.length);
  const item = new Int32Array(kept.length);
  const value = new Float32Array(kept.length);
  const time = events.time && new Float64Array(kept.length);
  const newPart = part && new Uint8Array(kept.length);
  for (let n = 0; n < kept.length; n++) {
    const e = kept[n]!;
    user[n] = events.user[e]!;
    item[n] = events.item[e]!;
    value[n] = events.value[e]!;
    if (time) time[n] = events.time![e]!;
    if (newPart) newPart[n] = part![e]!;
  }
  const users = narrow(user, events.users.length);
  const items = narrow(item, events.items.length);
  return {
    events: {
      users: users.map((u) => events.users[u]!),
      items: items.map((i) => events.items[i]!),
      user,
      item,
      value,
      ...(time && { time }),
    },
    ...(newPart && { part: newPart }),
    ...(titles && { titles: items.map((i) => titles[i]!) }),
    ...(userFeatures && { userFeatures: takeRows(userFeatures, Uint32Array.from(users)) }),
    ...(itemFeatures && { itemFeatures: takeRows(itemFeatures, Uint32Array.from(items)) }),
  };
}

/** Renumbers `index` in place by the positions that occur, and returns those positions in order. */
function narrow(index: Int32Array, size: number): number[] {
  const place = new Int32Array(size).fill(-1);
  for (const at of index) place[at] = 0;
  const used: number[] = [];
  for (let at = 0; at < size; at++) {
    if (place[at]! < 0) continue;
    place[at] = used.length;
    used.push(at);
  }
  for (let n = 0; n < index.length; n++) index[n] = place[index[n]!]!;
  return used;
}
