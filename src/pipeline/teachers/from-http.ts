// A scorer over HTTP as a teacher. For each user it gets {user, history, k}, the history being the ids of what train holds,
// the earliest first, and answers {items, scores?}: ids, best first. Answers are kept in shards: a kill loses one shard at
// most, and a second run asks nothing.

import { UserError } from "../../base/errors.ts";
import { holds, rowOf, sequenceOf } from "../../data/interactions.ts";
import type { Parts } from "../divide.ts";
import type { Surroundings } from "../surroundings.ts";
import type { HttpStep } from "./options.ts";
import { inShards } from "./shards.ts";
import { countsOf, type ListTeacher } from "./teacher.ts";

const version = 1;
const usersPerShard = 256;

/** What of the answers does not count, and how many had no scores. */
interface Counts {
  unknown: number;
  twice: number;
  taken: number;
  unsure: number;
  short: number;
  unscored: number;
}

/** The best `n` of each user as the service at `http` answers, without what train holds. */
export async function listsOfService(
  { http, concurrency, timeout, retries }: HttpStep,
  parts: Parts,
  n: number,
  around: Pick<Surroundings, "store" | "progress" | "ask">,
): Promise<Pick<ListTeacher, "lists" | "scored" | "leftOut">> {
  const { train, userIds, itemIds, hash } = parts;
  const known = new Map(itemIds.map((id, at) => [id, at]));
  const { lists, notes } = (
    await inShards<Counts>(
      {
        ...{ stage: "asked", version, label: `ask ${http}`, options: { http }, inputs: [hash] },
        ...{ users: train.users, n, size: usersPerShard },
        async shard(from, to, step) {
          const [items, scores] = [new Int32Array((to - from) * n).fill(-1), new Float32Array((to - from) * n)];
          const note: Counts = { unknown: 0, twice: 0, taken: 0, unsure: 0, short: 0, unscored: 0 };
          let done = 0;
          await each(to - from, concurrency, async (row, signal) => {
            const user = from + row;
            const history = Array.from(sequenceOf(train, user), (item) => itemIds[item]!);
            const question = { user: userIds[user]!, history, k: n };
            const answer = await around.ask(http, question, { timeout, retries, signal });
            const said = read(answer, `${http}: user "${userIds[user]}"`);
            const taken = rowOf(train, user);
            const listed = new Set<number>();
            for (const [place, id] of said.items.entries()) {
              const item = known.get(id) ?? -1;
              const score = said.scores ? numberOf(said.scores[place]) : n - listed.size;
              if (item < 0) note.unknown++;
              else if (holds(taken, item)) note.taken++;
              else if (listed.has(item)) note.twice++;
              else if (!Number.isFinite(score)) note.unsure++;
              else if (listed.size < n) {
                items[row * n + listed.size] = item;
                scores[row * n + listed.size] = score;
                listed.add(item);
              }
            }
            if (listed.size < Math.min(n, train.items - taken.length)) note.short++;
            if (!said.scores && listed.size > 0) note.unscored++;
            step(++done, to - from);
          });
          return { items, scores, note };
        },
      },
      around,
    )
  ).value;
  const sum = (of: keyof Counts) => notes.reduce((total, note) => total + note[of], 0);
  return {
    lists,
    scored: sum("unscored") === 0,
    leftOut: countsOf({
      [`items of ${http} that the data lacks`]: sum("unknown"),
      [`items of ${http} that the user had taken before`]: sum("taken"),
      [`repeated items of ${http}`]: sum("twice"),
      [`items of ${http} whose score is no number`]: sum("unsure"),
      [`users with fewer than ${n} items from ${http}`]: sum("short"),
    }),
  };
}

/** The ids and scores of an answer; what is none is a UserError. */
function read(answer: unknown, where: string): { items: string[]; scores?: readonly unknown[] } {
  const { items, scores } = (answer ?? {}) as { items?: unknown; scores?: unknown };
  const isId = (id: unknown) => typeof id === "string" || typeof id === "number";
  if (!Array.isArray(items) || !items.every(isId)) {
    const got = JSON.stringify(answer)?.slice(0, 60);
    throw new UserError(
      `${where}: the answer must be { items: [ids], scores: [numbers] }, got ${got}; correct the service.`,
    );
  }
  const ids = items.map(String);
  if (scores === undefined || scores === null) return { items: ids };
  if (Array.isArray(scores) && scores.length === ids.length) return { items: ids, scores };
  const got = Array.isArray(scores) ? `${scores.length} scores` : "scores that are no list";
  throw new UserError(`${where}: the answer has ${ids.length} items and ${got}; give a score an item, or none at all.`);
}

/** As float32; NaN for what is no number. */
const numberOf = (value: unknown): number => (typeof value === "number" ? Math.fround(value) : Number.NaN);

/** Visits 0 … n - 1, `most` at once; the first failure ends all. */
async function each(n: number, most: number, visit: (at: number, signal: AbortSignal) => Promise<void>): Promise<void> {
  const stop = new AbortController();
  let next = 0;
  const work = async () => {
    while (next < n) await visit(next++, stop.signal);
  };
  const workers = Array.from({ length: Math.min(most, n) }, work);
  try {
    await Promise.all(workers);
  } catch (error) {
    stop.abort();
    await Promise.allSettled(workers);
    throw error;
  }
}
