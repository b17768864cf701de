// Whether people were satisfied: what they answered when asked, and two proxies from logs. A proxy moves with
// satisfaction and with much else, and is called one wherever it is shown.

import { UserError } from "../../base/errors.ts";
import type { RawTable } from "../../data/raw-table.ts";
import { checkedRows, type Excluded } from "../checked-rows.ts";
import type { Measure } from "./measure.ts";
import { type Mismatch, mismatch } from "./mismatch.ts";
import type { Units } from "./units.ts";

interface Scale {
  readonly most: number;
  readonly least: number;
  readonly means: string;
  value(answer: number): number;
}

/** The usual questions: their answers, and what of them is averaged. */
export const scales: Readonly<Record<"csat" | "nps" | "likert", Scale>> = {
  csat: { least: 1, most: 5, means: "share who answer 4 or 5 of 5", value: (a) => (a >= 4 ? 1 : 0) },
  nps: {
    ...{ least: 0, most: 10, means: "100 for 9 and 10, -100 for 0 to 6, of 10" },
    value: (a) => (a >= 9 ? 100 : a <= 6 ? -100 : 0),
  },
  likert: { least: 1, most: 5, means: "mean answer, 1 to 5", value: (a) => a },
};

export interface Survey {
  readonly measure: Measure;
  /** Answering users by variant, and whether who answers depends on the variant. */
  readonly answers: Readonly<Record<string, number>>;
  readonly mismatch: Mismatch;
  readonly excluded: readonly Excluded[];
}

/** Joins answers (columns user, answer) to the units; a user's several answers count as their mean. */
export function readSurvey(table: RawTable, where: string, units: Units, scale: keyof typeof scales): Survey {
  const { least, most, means, value } = scales[scale];
  const rows = checkedRows(table, where, ["user", "answer"]);
  const fits = (x: number) => Number.isInteger(x) && x >= least && x <= most;
  const answers = rows.numbers("answer", fits, `a whole number from ${least} to ${most} (${scale})`);
  const { words, code } = rows.words("user");
  const unitOf = new Map(units.ids.map((id, u) => [id, u]));
  const sum = new Float64Array(units.ids.length);
  const count = new Float64Array(units.ids.length);
  let strangers = 0;
  for (let r = 0; r < rows.n; r++) {
    const u = unitOf.get(words[code[r]!]!);
    if (u === undefined) strangers++;
    else {
      sum[u]! += value(answers[r]!);
      count[u]!++;
    }
  }
  if (strangers === rows.n)
    throw new UserError(`${where}: none of its users is in the experiment; are they called otherwise there?`);
  const { variants, variant } = units;
  const answered = variants.map((_, v) => count.filter((n, u) => n > 0 && variant[u] === v).length);
  const asked = variants.map((_, v) => variant.filter((x) => x === v).length);
  const users = asked.reduce((total, n) => total + n, 0);
  const shares = asked.map((n) => n / users);
  return {
    measure: { name: scale, note: means, value: sum.map((x, u) => (count[u] === 0 ? Number.NaN : x / count[u]!)) },
    answers: Object.fromEntries(variants.map((name, v) => [name, answered[v]!])),
    mismatch: mismatch(answered, shares, `those of ${variants.join(" : ")} who answer are`),
    excluded: [
      ...rows.excluded,
      ...(strangers > 0 ? [{ why: "a user who is not in the experiment", rows: strangers }] : []),
    ],
  };
}

/** Silence after which what follows is another visit, in seconds. */
const SILENCE = 1800;

/** The share of users who come back within `days` of their first visit; who came less than that ago is left out. */
export function returnMeasure(units: Units, days: number): Measure {
  const { ids, user, rows } = units;
  const time = rows.numbers("time");
  const order = Int32Array.from({ length: rows.n }, (_, r) => r).sort(
    (a, b) => user[a]! - user[b]! || time[a]! - time[b]!,
  );
  const end = time.reduce((last, t) => Math.max(last, t), Number.NEGATIVE_INFINITY) - days * 86_400;
  const value = new Float64Array(ids.length).fill(Number.NaN);
  for (let from = 0, to = 0; from < order.length; from = to) {
    const u = user[order[from]!]!;
    const first = time[order[from]!]!;
    let again = Number.POSITIVE_INFINITY;
    for (to = from; to < order.length && user[order[to]!] === u; to++) {
      const t = time[order[to]!]!;
      if (to > from && again === Number.POSITIVE_INFINITY && t - time[order[to - 1]!]! > SILENCE) again = t;
    }
    if (first <= end) value[u] = again <= first + days * 86_400 ? 1 : 0;
  }
  return { name: "return", note: `proxy: share of users with another visit within ${days} days`, value };
}

/** The share of rows with a dwell time of at least `seconds`; rows without one are no clicks and are not counted. */
export function dwellMeasure(units: Units, seconds: number): Measure {
  const { ids, user, rows } = units;
  const dwell = rows.numbers("dwell", (x) => Number.isNaN(x) || x >= 0, "at least 0 seconds, or empty");
  const value = new Float64Array(ids.length);
  const beneath = new Float64Array(ids.length);
  for (let r = 0; r < rows.n; r++) {
    if (Number.isNaN(dwell[r])) continue;
    beneath[user[r]!]!++;
    if (dwell[r]! >= seconds) value[user[r]!]!++;
  }
  return { name: "dwell", note: `proxy: share of clicks that keep people for ${seconds} s or longer`, value, beneath };
}
