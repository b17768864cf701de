// A request in ids, answered in ids: what a server, a page and the command line do with an open artifact. What cannot
// be answered comes back as a sentence, since it is the asker's mistake and happens all the time.

import type { Answer, Query, Scorer } from "../recommender/scorer.ts";
import { historyOf } from "./histories.ts";
import type { Artifact } from "./open.ts";

/** Either a user whom the artifact knows or the items that anyone took. */
export interface Ask {
  readonly user?: string | undefined;
  readonly history?: readonly string[] | undefined;
  /** How many items at most. */
  readonly k: number;
  /** Items not to give, beside those of the history. */
  readonly exclude?: readonly string[] | undefined;
}

export interface Scored {
  readonly id: string;
  readonly score: number;
}

/** The best items, best first, and the asked ids that the catalogue lacks, each once. */
export interface Given {
  readonly items: readonly Scored[];
  readonly unknown: readonly string[];
}

export interface Refused {
  readonly refused: "ask" | "user";
  readonly why: string;
}

/** What it takes of an artifact to know who asks. */
export type Asked = Pick<Artifact, "recommender" | "itemIds" | "userIds" | "histories">;

/** Who asks: the query for a scorer and the items they have. */
export interface Asker {
  readonly query: Query;
  readonly seen: Int32Array;
}

/** Opens the artifact's vocabularies for asking; one call answers one request. */
export function openAnswers(artifact: Artifact, scorer: Scorer): (ask: Ask) => Given | Refused {
  const { resolve, lookUp } = openAskers(artifact);
  return (ask) => {
    const unknown = new Set<string>();
    const who = resolve(ask, unknown);
    if ("refused" in who) return who;
    const others = ask.exclude?.length ? lookUp(ask.exclude, unknown) : new Int32Array(0);
    const exclude = new Int32Array(who.seen.length + others.length);
    exclude.set(who.seen);
    exclude.set(others, who.seen.length);
    return { items: named(scorer.recommend(who.query, ask.k, exclude), artifact.itemIds), unknown: [...unknown] };
  };
}

/** From ids to what a scorer is asked: `resolve` for who asks, `lookUp` for items; unknown items are added to `unknown`. */
export function openAskers(artifact: Asked): {
  resolve(ask: Pick<Ask, "user" | "history">, unknown: Set<string>): Asker | Refused;
  lookUp(ids: readonly string[], unknown: Set<string>): Int32Array;
} {
  const { itemIds, userIds, histories, recommender } = artifact;
  const { query, tables } = recommender;
  const itemOf = new Map(itemIds.map((id, index) => [id, index]));
  const userOf = new Map(userIds?.map((id, index) => [id, index]));
  const nobody = new Int32Array(0);

  const lookUp = (ids: readonly string[], unknown: Set<string>): Int32Array => {
    const found = new Set<number>();
    for (const id of ids) {
      const index = itemOf.get(id);
      if (index === undefined) unknown.add(id);
      else found.add(index);
    }
    return Int32Array.from(found);
  };

  const taken = (user: number): Int32Array => (histories ? historyOf(histories, user) : nobody);

  const resolve = (ask: Pick<Ask, "user" | "history">, unknown: Set<string>): Asker | Refused => {
    const { user, history } = ask;
    if (user !== undefined && history !== undefined) return refuse("give a user or a history, not both.");
    if (history !== undefined) {
      if (query === "user") return refuse("this model answers by user; give a user, not a history.");
      const seen = lookUp(history, unknown);
      if (query === "history" && seen.length === 0 && !tables.bias) {
        return refuse("no item of the history is in the catalogue; give at least one that is.");
      }
      return { query: { history: seen }, seen };
    }
    if (user === undefined) return refuse(query === "user" ? "give a user." : "give a user or a history.");
    if (!userIds || (query === "history" && !histories)) {
      return refuse("there are no users' histories here; give a history.");
    }
    const row = userOf.get(user);
    if (row === undefined) return { refused: "user", why: `there is no user "${user}".` };
    const seen = taken(row);
    if (query === "history" && seen.length === 0 && !tables.bias) {
      return refuse(`user "${user}" has no history; give one.`);
    }
    return { query: query === "user" ? { user: row } : { history: seen }, seen };
  };

  return { resolve, lookUp };
}

const refuse = (why: string): Refused => ({ refused: "ask", why });

const named = ({ items, scores }: Answer, ids: readonly string[]): Scored[] =>
  Array.from(items, (item, rank) => ({ id: ids[item]!, score: scores[rank]! }));
