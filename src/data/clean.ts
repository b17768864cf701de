// Cleaning: each step drops events and says how many and why. Order: bots, window, minValue, duplicates, kCore; rates
// are judged on what was logged, and the core is taken of what is left.

import { UserError } from "../base/errors.ts";
import { formatCount } from "../base/format.ts";
import type { CleanOptions } from "./clean-options.ts";
import { type EventSet, pick } from "./events.ts";

/** One cleaning step: how many events it dropped and why, in words. */
export interface Drop {
  readonly step: string;
  readonly dropped: number;
  readonly left: number;
  readonly why: string;
}

/** What is left, and the account of each step that ran. */
export interface Cleaned<T extends EventSet> {
  readonly dataset: T;
  readonly dropped: readonly Drop[];
}

interface Step {
  readonly name: string;
  readonly why: string;
  /** Marks in `keep` the events that go (0). */
  drop(keep: Uint8Array): void;
}

/** Runs the steps that `options` names; throws a UserError that names the step after which nothing was left. */
export function clean<T extends EventSet>(dataset: T, options: CleanOptions): Cleaned<T> {
  const keep = new Uint8Array(dataset.events.user.length).fill(1);
  let left = keep.length;
  if (left === 0) throw new UserError("The dataset has no events; check the file and the column mapping.");
  const dropped: Drop[] = [];
  for (const step of stepsOf(dataset, options)) {
    step.drop(keep);
    const now = keep.reduce((sum, k) => sum + k, 0);
    if (now === 0) {
      const had = `${formatCount(left)} event${left === 1 ? "" : "s"}`;
      throw new UserError(`clean.${step.name}: dropped all of the ${had} that were left (${step.why}); loosen it.`);
    }
    dropped.push({ step: step.name, dropped: left - now, left: now, why: step.why });
    left = now;
  }
  if (left === keep.length) return { dataset, dropped };
  const kept = new Uint32Array(left);
  for (let e = 0, n = 0; e < keep.length; e++) if (keep[e]) kept[n++] = e;
  return { dataset: { ...dataset, ...pick(dataset, kept) }, dropped };
}

function stepsOf(dataset: EventSet, options: CleanOptions): Step[] {
  const { value } = dataset.events;
  const steps: Step[] = [];
  const { bots, window, minValue, duplicates, kCore } = options;
  if (bots) {
    const time = timeFor(dataset, "bots");
    const why = `user with more than ${formatCount(bots.maxEvents)} events within one ${bots.per}`;
    steps.push({ name: "bots", why, drop: (keep) => dropBots(dataset, time, keep, bots) });
  }
  if (window) {
    const time = timeFor(dataset, "window");
    const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = window;
    const bounds = [from > -Infinity ? `before ${date(from)}` : "", to < Infinity ? `at or after ${date(to)}` : ""];
    const why = `event ${bounds.filter(Boolean).join(" or ") || "outside an open window"}`;
    steps.push({ name: "window", why, drop: (keep) => dropWhere(keep, (e) => time[e]! < from || time[e]! >= to) });
  }
  if (minValue !== undefined) {
    const why = `value below ${minValue}`;
    steps.push({ name: "minValue", why, drop: (keep) => dropWhere(keep, (e) => value[e]! < minValue) });
  }
  if (duplicates) {
    const why = `repeated user-item pair, ${duplicates === "max" ? "largest value" : duplicates} kept`;
    steps.push({ name: "duplicates", why, drop: (keep) => dropDuplicates(dataset, keep, duplicates) });
  }
  if (kCore) {
    const why = `user with fewer than ${kCore.user} or item with fewer than ${kCore.item} events`;
    steps.push({ name: "kCore", why, drop: (keep) => dropOutsideCore(dataset, keep, kCore) });
  }
  return steps;
}

function timeFor(dataset: EventSet, step: string): Float64Array {
  const { time } = dataset.events;
  if (!time)
    throw new UserError(`clean.${step}: needs times, and this dataset has none; map a time column or leave it out.`);
  return time;
}

const date = (seconds: number) => new Date(seconds * 1000).toISOString().replace(/T00:00:00\.000Z$/, "");

function dropWhere(keep: Uint8Array, goes: (event: number) => boolean): void {
  for (let e = 0; e < keep.length; e++) if (keep[e] && goes(e)) keep[e] = 0;
}

/** Drops users with more than maxEvents in some half-open stretch of an hour or a day. */
function dropBots(
  { events: { user, users } }: EventSet,
  time: Float64Array,
  keep: Uint8Array,
  { maxEvents, per }: NonNullable<CleanOptions["bots"]>,
): void {
  const stretch = per === "hour" ? 3600 : 86_400;
  const order = Uint32Array.from(keep.keys()).sort((a, b) => user[a]! - user[b]! || time[a]! - time[b]!);
  const bot = new Uint8Array(users.length);
  for (let last = maxEvents; last < order.length; last++) {
    const [a, b] = [order[last - maxEvents]!, order[last]!];
    if (user[a] === user[b] && time[b]! - time[a]! < stretch) bot[user[b]!] = 1;
  }
  dropWhere(keep, (e) => bot[user[e]!] === 1);
}

/** Keeps one event of each (user, item, part); without times the order of the file stands for time. */
function dropDuplicates(dataset: EventSet, keep: Uint8Array, which: "first" | "last" | "max"): void {
  const { user, item, value, time, items } = dataset.events;
  const best = new Map<number, number>();
  const later = (a: number, b: number) => !time || time[a]! >= time[b]!;
  for (let e = 0; e < keep.length; e++) {
    if (!keep[e]) continue;
    const pair = (user[e]! * items.length + item[e]!) * 4 + (dataset.part?.[e] ?? 0);
    const held = best.get(pair);
    if (held === undefined) {
      best.set(pair, e);
      continue;
    }
    const wins = which === "max" ? value[e]! > value[held]! : later(e, held) === (which === "last");
    keep[wins ? held : e] = 0;
    if (wins) best.set(pair, e);
  }
}

/** The largest subset in which every user has ≥ core.user and every item ≥ core.item events. */
function dropOutsideCore({ events }: EventSet, keep: Uint8Array, core: { user: number; item: number }): void {
  const { user, item } = events;
  const byUser = new Int32Array(events.users.length);
  const byItem = new Int32Array(events.items.length);
  for (let e = 0; e < keep.length; e++) {
    if (!keep[e]) continue;
    byUser[user[e]!]!++;
    byItem[item[e]!]!++;
  }
  for (let again = true; again; ) {
    again = false;
    for (let e = 0; e < keep.length; e++) {
      if (!keep[e] || (byUser[user[e]!]! >= core.user && byItem[item[e]!]! >= core.item)) continue;
      keep[e] = 0;
      byUser[user[e]!]!--;
      byItem[item[e]!]!--;
      again = true;
    }
  }
}
