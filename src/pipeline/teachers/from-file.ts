// A file of lists as a teacher: rows of a user, an item and its score or rank, of any origin and in any order.

import { holds, rowOf } from "../../data/interactions.ts";
import type { Numbers, RawTable, Words } from "../../data/raw-table.ts";
import type { Parts } from "../divide.ts";
import type { Surroundings } from "../surroundings.ts";
import type { ListsStep } from "./options.ts";
import { countsOf, type ListTeacher } from "./teacher.ts";

/** The best `n` rows of each user, without what train holds; rows that do not count are counted. */
export async function listsOfFile(
  { lists: file, format, header, user, item, score, rank }: ListsStep,
  parts: Parts,
  n: number,
  { read, progress }: Pick<Surroundings, "read" | "progress">,
): Promise<Pick<ListTeacher, "lists" | "scored" | "leftOut">> {
  const task = progress.start(`teacher from ${file}`);
  const table = await read.rows(file, {
    ...{ format, header },
    columns: [
      { name: "user", from: user, as: "words" },
      { name: "item", from: item, as: "words" },
      ...(score === undefined ? [] : [{ name: "score", from: score, as: "numbers" } as const]),
      ...(rank === undefined ? [] : [{ name: "rank", from: rank, as: "numbers" } as const]),
    ],
  });
  const found = gather(table, parts, n, file);
  task.end(found.leftOut.map(({ what, count }) => `${count} ${what}`).join(", ") || undefined);
  return found;
}

function gather(table: RawTable, parts: Parts, n: number, file: string) {
  const { train } = parts;
  const user = placesIn(table, "user", parts.userIds);
  const item = placesIn(table, "item", parts.itemIds);
  const [score, rank] = ["score", "rank"].map((name) => (table.columns.get(name) as Numbers | undefined)?.values);
  const start = new Int32Array(train.users + 1);
  const counts = { strange: 0, unsure: 0, taken: 0, twice: 0 };
  const fits = (row: number): boolean => {
    const [u, i] = [user(row), item(row)];
    // Scores become float32; one that overflows there is no number either.
    const unsure = (rank && Number.isNaN(rank[row]!)) || (score && !Number.isFinite(Math.fround(score[row]!)));
    const why = u < 0 || i < 0 ? "strange" : unsure ? "unsure" : holds(rowOf(train, u), i) ? "taken" : undefined;
    if (why) counts[why]++;
    else start[u + 1]!++;
    return why === undefined;
  };
  const kept = new Uint8Array(table.n);
  for (let row = 0; row < table.n; row++) kept[row] = fits(row) ? 1 : 0;
  for (let u = 0; u < train.users; u++) start[u + 1]! += start[u]!;
  const next = start.slice();
  const rows = new Int32Array(start[train.users]!);
  for (let row = 0; row < table.n; row++) if (kept[row]) rows[next[user(row)]!++] = row;
  const lists = { n, items: new Int32Array(train.users * n).fill(-1), scores: new Float32Array(train.users * n) };
  const by = rank ? (a: number, b: number) => rank[a]! - rank[b]! : (a: number, b: number) => score![b]! - score![a]!;
  let without = 0;
  for (let u = 0; u < train.users; u++) {
    const own = rows.subarray(start[u], start[u + 1]).sort((a, b) => by(a, b) || a - b);
    if (own.length === 0) without++;
    const known = new Set<number>();
    for (const row of own) {
      const [i, at] = [item(row), u * n + known.size];
      if (known.has(i)) counts.twice++;
      else if (known.size < n) {
        lists.items[at] = i;
        lists.scores[at] = score ? score[row]! : n - known.size;
      }
      known.add(i);
    }
  }
  const leftOut = countsOf({
    [`rows of ${file} whose user or item the data lacks`]: counts.strange,
    [`rows of ${file} without a ${score && rank ? "score and rank" : score ? "score" : "rank"}`]: counts.unsure,
    [`rows of ${file} with an item that the user had taken before`]: counts.taken,
    [`repeated rows of ${file}`]: counts.twice,
    [`users without a row in ${file}`]: without,
  });
  return { lists, scored: score !== undefined, leftOut };
}

/** Row → the place of its id among `ids`, -1 where it is not there. */
function placesIn({ columns }: RawTable, name: string, ids: readonly string[]): (row: number) => number {
  const known = new Map(ids.map((id, at) => [id, at]));
  const { words, code } = columns.get(name) as Words;
  const place = Int32Array.from(words, (word) => known.get(word) ?? -1);
  return (row) => (code[row]! < 0 ? -1 : place[code[row]!]!);
}
