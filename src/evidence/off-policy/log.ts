// A log of what people were shown: one row an item shown, with the probability with which it was, and what followed.

import { UserError } from "../../base/errors.ts";
import { asLists, asWords, columnOf, type Lists, type RawTable } from "../../data/raw-table.ts";
import type { RewardModel } from "../../kinds/estimator.ts";
import { checkedRows, type Excluded } from "../checked-rows.ts";

export interface ImpressionLog {
  readonly n: number;
  /** What was shown: items[action[r]]. */
  readonly items: readonly string[];
  readonly action: Int32Array;
  /** Whether it says at which place of a page an item was shown; and that place, from 0, and how many there are. */
  readonly placed: boolean;
  readonly position: Int32Array;
  readonly positions: number;
  /** Who asked: contexts[context[r]]. */
  readonly context: Int32Array;
  readonly contexts: readonly Context[];
  readonly reward: Float64Array;
  /** π_b(a|x); 0 where it is not known. */
  readonly propensity: Float64Array;
  /** What a bootstrap draws together, from 0, and how many of them there are. */
  readonly unit: Int32Array;
  readonly units: number;
  /** π_e(a|x), and what a model says of the reward, where columns hold them. */
  readonly chosen?: Float64Array;
  readonly model?: RewardModel;
  readonly excluded: readonly Excluded[];
}

export interface Context {
  readonly user?: string;
  readonly history?: readonly string[];
}

/** The columns that a log may have, and how they are read. Without `propensity`, it is one number for all rows. */
export const logColumns: Readonly<Record<string, "words" | "numbers" | "lists">> = {
  ...{ item: "words", reward: "numbers", propensity: "numbers", position: "numbers" },
  ...{ user: "words", history: "lists", unit: "words", id: "words" },
  ...{ chosen: "numbers", shown: "numbers", expected: "numbers" },
};

/** Reads a log from columns named as in `logColumns`; `where` (a file) starts every error. */
export function readLog(table: RawTable, where: string, propensity?: number): ImpressionLog {
  const has = (column: string) => table.columns.has(column);
  const needed = ["item", "reward", ...["user", "unit"].filter(has)];
  const rows = checkedRows(table, where, needed);
  const { n, excluded } = rows;
  const { words: items, code: action } = rows.words("item");
  const place = has("position") && rows.numbers("position", isPlace, "a whole number from 1 to 1000");
  const position = Int32Array.from({ length: n }, (_, r) => (place ? place[r]! - 1 : 0));
  if (propensity !== undefined && !(propensity > 0 && propensity <= 1)) {
    throw new UserError(`${where}: propensity must be above 0 and at most 1, got ${propensity}.`);
  }
  const known = (x: number) => Number.isNaN(x) || isShare(x);
  const unit = has("unit") || has("user") ? rows.words(has("unit") ? "unit" : "user") : undefined;
  const model = has("shown") && {
    shown: rows.numbers("shown", Number.isFinite, "a number"),
    expected: rows.numbers("expected", Number.isFinite, "a number"),
  };
  return {
    ...{ n, items, action, placed: has("position"), position, excluded },
    positions: position.reduce((most, p) => Math.max(most, p + 1), 1),
    ...contextsOf(rows.table, where),
    reward: rows.numbers("reward"),
    propensity:
      propensity === undefined
        ? rows.numbers("propensity", known, "from 0 to 1, or empty where it is not known").map((p) => p || 0)
        : new Float64Array(n).fill(propensity),
    unit: unit?.code ?? Int32Array.from({ length: n }, (_, r) => r),
    units: unit?.words.length ?? n,
    ...(has("chosen") && { chosen: rows.numbers("chosen", isShare, "a probability from 0 to 1") }),
    ...(model && { model }),
  };
}

/** The log without the rows that `keep` says no to, and the reason in its account. */
export function restrict(log: ImpressionLog, keep: (row: number) => boolean, why: string): ImpressionLog {
  const rows = Int32Array.from({ length: log.n }, (_, r) => r).filter(keep);
  if (rows.length === log.n) return log;
  const pick = (values: Float64Array) => Float64Array.from(rows, (r) => values[r]!);
  const codes = (values: Int32Array) => Int32Array.from(rows, (r) => values[r]!);
  const renumbered = new Map<number, number>();
  for (const r of rows) if (!renumbered.has(log.unit[r]!)) renumbered.set(log.unit[r]!, renumbered.size);
  return {
    ...log,
    ...{ n: rows.length, action: codes(log.action), position: codes(log.position), context: codes(log.context) },
    ...{ reward: pick(log.reward), propensity: pick(log.propensity) },
    unit: Int32Array.from(rows, (r) => renumbered.get(log.unit[r]!)!),
    units: renumbered.size,
    ...(log.chosen && { chosen: pick(log.chosen) }),
    ...(log.model && { model: { shown: pick(log.model.shown), expected: pick(log.model.expected) } }),
    excluded: [...log.excluded, { why, rows: log.n - rows.length }],
  };
}

const isShare = (x: number) => x >= 0 && x <= 1;
const isPlace = (x: number) => Number.isInteger(x) && x >= 1 && x <= 1000;

/** Rows with the same history, or of the same user where there is none, ask alike. */
function contextsOf(table: RawTable, where: string): Pick<ImpressionLog, "context" | "contexts"> {
  if (table.columns.has("history")) {
    const { start, of } = asLists(columnOf(table, "history", where), ",") as Lists;
    const { words, code } = asWords(of, `${where}: history`);
    const at = new Map<string, number>();
    const contexts: Context[] = [];
    const context = Int32Array.from({ length: table.n }, (_, r) => {
      const items = code.subarray(start[r]!, start[r + 1]!);
      const key = items.join();
      const found = at.get(key) ?? contexts.length;
      if (found === contexts.length) {
        at.set(key, found);
        contexts.push({ history: Array.from(items, (item) => words[item]!) });
      }
      return found;
    });
    return { context, contexts };
  }
  if (!table.columns.has("user")) return { context: new Int32Array(table.n), contexts: [{}] };
  const { words, code } = asWords(columnOf(table, "user", where), `${where}: user`);
  return { context: code, contexts: words.map((user) => ({ user })) };
}
