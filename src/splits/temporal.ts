// Temporal: one cut in time for everybody, as a deployed model meets the world. A pair belongs to its first event: taken
// again after the cut it is no discovery (and ranking leaves training items out), so such repeats are left out. So are
// the held-out events of users whom training has never seen.

import { z } from "zod";
import { UserError } from "../base/errors.ts";
import { parseTime } from "../data/time.ts";
import { defineSplit } from "../kinds/split.ts";

const cut = z.union(
  [z.number().gt(0).max(0.9), z.number().min(1e6), z.string().refine((text) => !Number.isNaN(parseTime(text)))],
  { error: 'must be a share up to 0.9, or a moment as Unix seconds or an ISO 8601 date such as "2024-01-31"' },
);

export default defineSplit({
  name: "temporal",
  summary: "Cut all users at the same moment: train before it, test from it on.",
  needsTime: true,
  options: z.strictObject({
    test: cut.default(0.2).describe("Where test begins: a moment, or the latest share of the events."),
    validation: cut.optional().describe("Where validation begins: a moment, or a share of the events before test."),
  }),
  split({ events }, { test, validation }) {
    const { time, user, item } = events;
    if (!time)
      throw new UserError("split (temporal): this dataset has no times; map a time column or use another split.");
    const sorted = time.toSorted();
    const testFrom = momentOf(test, sorted, sorted.length);
    const before = sorted.findIndex((t) => t >= testFrom);
    const heldFrom =
      validation === undefined ? testFrom : momentOf(validation, sorted, before < 0 ? sorted.length : before);
    if (heldFrom > testFrom)
      throw new UserError("split (temporal): validation begins after test; move one of the cuts.");

    const first = new Map<number, number>();
    const known = new Uint8Array(events.users.length);
    const pair = (e: number) => user[e]! * events.items.length + item[e]!;
    const partAt = (t: number) => (t < heldFrom ? 0 : t < testFrom ? 1 : 2);
    for (let e = 0; e < user.length; e++) {
      first.set(pair(e), Math.min(first.get(pair(e)) ?? Number.POSITIVE_INFINITY, time[e]!));
      if (time[e]! < heldFrom) known[user[e]!] = 1;
    }
    const part = Uint8Array.from(user, (u, e) => {
      const own = partAt(time[e]!);
      return own === partAt(first.get(pair(e))!) && known[u] ? own : 255;
    });
    for (const [p, name] of [[0, "train"] as const, [2, "test"] as const]) {
      if (part.includes(p)) continue;
      const span = `${iso(sorted[0]!)} to ${iso(sorted.at(-1)!)}`;
      throw new UserError(`split (temporal): ${name} would be empty; the events run from ${span}, move the cut.`);
    }
    return part;
  },
});

/** The moment of a cut; a share counts events back from position `end` of the sorted times. */
function momentOf(cut: number | string, sorted: Float64Array, end: number): number {
  if (typeof cut === "string") return parseTime(cut);
  if (cut >= 1) return cut;
  return sorted[Math.max(0, end - Math.max(1, Math.round(cut * sorted.length)))]!;
}

const iso = (seconds: number) => new Date(seconds * 1000).toISOString().slice(0, 16);
