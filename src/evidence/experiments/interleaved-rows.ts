// Interleaved lists from rows of clicks: user, list, and either whose item was clicked or where both rankings have it.

import { UserError } from "../../base/errors.ts";
import type { RawTable } from "../../data/raw-table.ts";
import { checkedRows, type Excluded } from "../checked-rows.ts";
import { balancedCredit, type Interleaved, preferences } from "./interleaving.ts";

export interface InterleavedRows extends Interleaved {
  readonly first: string;
  readonly second: string;
  readonly lists: number;
  readonly excluded: readonly Excluded[];
}

/** Team draft with the column `team`; balanced with `first` and `second`, places from 1, empty where one lacks the item. */
export function readInterleaved(table: RawTable, where: string, level: number): InterleavedRows {
  const byTeam = table.columns.has("team");
  const rows = checkedRows(table, where, ["user", "list", ...(byTeam ? ["team"] : [])]);
  const { code: list, words: lists } = rows.words("list");
  const { code: user, words: users } = rows.words("user");
  const owner = new Int32Array(lists.length).fill(-1);
  for (let r = 0; r < rows.n; r++) {
    if (owner[list[r]!] !== -1 && owner[list[r]!] !== user[r])
      throw new UserError(
        `${where}: list "${lists[list[r]!]}" belongs to two users; give every list an id of its own.`,
      );
    owner[list[r]!] = user[r]!;
  }
  const { names, credit } = byTeam ? teamCredits(rows, where) : balancedCredits(rows, where);
  const found = Array.from(owner, (u, l) => ({ user: u, first: credit[l]![0], second: credit[l]![1] }));
  return {
    ...{ first: names[0], second: names[1], lists: lists.length, excluded: rows.excluded },
    ...preferences(found, users.length, level),
  };
}

interface Credits {
  readonly names: [string, string];
  readonly credit: readonly (readonly [number, number])[];
}
type Rows = ReturnType<typeof checkedRows>;

function teamCredits(rows: Rows, where: string): Credits {
  const { code, words } = rows.words("team");
  if (words.length !== 2) {
    throw new UserError(
      `${where}: team must name two rankings, got ${words.length} (${words.slice(0, 5).join(", ")}).`,
    );
  }
  const { code: list, words: lists } = rows.words("list");
  const names = words.toSorted() as [string, string];
  const credit = lists.map((): [number, number] => [0, 0]);
  for (let r = 0; r < rows.n; r++) credit[list[r]!]![words[code[r]!] === names[0] ? 0 : 1]++;
  return { names, credit };
}

function balancedCredits(rows: Rows, where: string): Credits {
  const place = (x: number) => Number.isNaN(x) || (Number.isInteger(x) && x >= 1);
  const [first, second] = ["first", "second"].map((name) => {
    const places = rows.numbers(name, place, "a place from 1, or empty where the ranking lacks the item");
    return places.map((x) => (Number.isNaN(x) ? Number.POSITIVE_INFINITY : x));
  }) as [Float64Array, Float64Array];
  const { code: list, words: lists } = rows.words("list");
  const clicks = lists.map((): { first: number; second: number }[] => []);
  for (let r = 0; r < rows.n; r++) {
    if (first[r] === second[r] && first[r] === Number.POSITIVE_INFINITY)
      throw new UserError(
        `${where}: a click in list "${lists[list[r]!]}" is in neither ranking; give first or second.`,
      );
    clicks[list[r]!]!.push({ first: first[r]!, second: second[r]! });
  }
  return { names: ["first", "second"], credit: clicks.map(balancedCredit) };
}
