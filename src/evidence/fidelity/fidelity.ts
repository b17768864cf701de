// How near a model's lists are to its teacher's, whether or not either is right: the mean of each list measure over users,
// over each slice of users, and the users for whom most was lost.

import type { Figures } from "../evaluate.ts";
import type { RankedLists } from "../lists.ts";
import { meanOf, within } from "../per-user.ts";
import type { Slice } from "../slices.ts";
import { kendallTau } from "./kendall.ts";
import { overlap } from "./overlap.ts";
import { rankBiasedOverlap } from "./rbo.ts";

/** How far a model's lists are from its teacher's. */
export interface Fidelity extends Figures {
  /** The model that it is compared with. */
  readonly against: string;
  /** "overlap@10", "rbo@20", "kendall@20", "drift@20" as metrics; the same over each slice of users. */
  readonly slices: readonly (Figures & { readonly name: string; readonly users: number })[];
  /** The users hurt most, the worst first: what the main metric lost, and how much of the teacher's list is left. */
  readonly hurt: readonly { readonly user: string; readonly lost: number; readonly overlap: number }[];
}

const listMeasures: Readonly<Record<string, (teacher: Int32Array, other: Int32Array) => number>> = {
  overlap,
  rbo: rankBiasedOverlap,
  kendall: kendallTau,
};

/** What two models are compared by: the value of equal ones, and the worst that there is. */
export const fidelityRanges: Readonly<Record<string, { readonly best: number; readonly worst: number }>> = {
  overlap: { best: 1, worst: 0 },
  rbo: { best: 1, worst: 0 },
  kendall: { best: 1, worst: -1 },
  drift: { best: 0, worst: 2 },
};

/** Which way each of them is nearer. */
export const fidelityMeasures: Readonly<Record<string, "high" | "low">> = Object.fromEntries(
  Object.entries(fidelityRanges).map(([name, { best, worst }]) => [name, best > worst ? "high" : "low"]),
);

const mostHurt = 10;

/** "overlap@10" → one value a row of both lists, which are of the same users; NaN where there is none. */
export type FidelityValues = ReadonlyMap<string, Float64Array>;

/** The measures of lists at each of `ks`, which neither list is shorter than. */
export function listFidelity(
  teacher: RankedLists,
  other: RankedLists,
  ks: readonly number[],
): Map<string, Float64Array> {
  const found = new Map<string, Float64Array>();
  for (const k of ks) {
    for (const [name, measure] of Object.entries(listMeasures)) {
      found.set(
        `${name}@${k}`,
        Float64Array.from(teacher.users, (_, row) => measure(first(teacher, row, k), first(other, row, k))),
      );
    }
  }
  return found;
}

/** Means over all users and over the slices of users; `main` is each user's value of the main metric, high is better. */
export function summarise(
  values: FidelityValues,
  lists: RankedLists,
  slices: readonly Slice[],
  main: { readonly teacher: Float64Array; readonly other: Float64Array },
  overlapName: string,
  userIds: readonly string[],
): Omit<Fidelity, "against"> {
  const figures = (of: (values: Float64Array) => Float64Array): Figures => {
    const found = [...values].map(([name, all]) => [name, meanOf(of(all))] as const).filter(([, { n }]) => n > 0);
    return {
      metrics: Object.fromEntries(found.map(([name, { mean }]) => [name, mean])),
      standardError: Object.fromEntries(found.map(([name, { standardError }]) => [name, standardError])),
    };
  };
  const ofUsers = slices
    .filter((slice) => slice.of === "users")
    .map(({ name, member }) => {
      const users = lists.users.reduce((n, user) => n + (member[user] ? 1 : 0), 0);
      return { name, users, ...figures((all) => within(all, lists, member)) };
    })
    .filter(({ users }) => users > 0);
  const kept = values.get(overlapName)!;
  const hurt = Array.from(lists.users.keys(), (row) => ({
    row,
    lost: main.teacher[row]! - main.other[row]!,
    overlap: kept[row]!,
  }))
    .filter(({ lost }) => lost > 0)
    .sort((a, b) => b.lost - a.lost || a.overlap - b.overlap || a.row - b.row)
    .slice(0, mostHurt)
    .map(({ row, lost, overlap }) => ({ user: userIds[lists.users[row]!]!, lost, overlap }));
  return { ...figures((all) => all), slices: ofUsers, hurt };
}

/** The first k items of a row, without padding. */
function first({ k: width, items }: RankedLists, row: number, k: number): Int32Array {
  const list = items.subarray(row * width, row * width + k);
  const end = list.indexOf(-1);
  return end < 0 ? list : list.subarray(0, end);
}
