// What a run measures its students by: a model, or lists that something else made and that have no model behind them.

import { UserError } from "../../base/errors.ts";
import { sha256 } from "../../base/sha256.ts";
import type { LeftOut } from "../../evidence/candidates.ts";
import type { TeacherLists } from "../../kinds/guidance.ts";
import type { Candidate } from "../fit.ts";
import type { Recipe } from "../recipe.ts";

/** A teacher that ships nothing and answers nobody else than the users it lists items for. */
export interface ListTeacher extends Pick<Candidate, "name" | "role" | "method" | "key"> {
  /** One row a user of the data, without what train holds of theirs. */
  readonly lists: TeacherLists;
  /** What it listed earlier in its training, the easiest first. */
  readonly easier?: readonly TeacherLists[];
  /** Whether scores mean something beyond their order. */
  readonly scored: boolean;
  /** What of its source does not count, and how often. */
  readonly leftOut: readonly LeftOut[];
}

export type Teacher = Candidate | ListTeacher;

export const isModel = (teacher: Teacher): teacher is Candidate => "recommender" in teacher;

/** How long a teacher's lists must be: for the student that learns from most items and the longest list that is judged. */
export const depthOf = ({ students, evaluate }: Recipe): number =>
  Math.max(...evaluate.ks, ...students.map(({ distill }) => distill?.topN ?? 0));

/** The teacher of these lists; `source` is what errors call them. */
export function listTeacher(
  method: string,
  found: Pick<ListTeacher, "lists" | "easier" | "scored" | "leftOut">,
  partsHash: string,
  source: string,
): ListTeacher {
  const { items, scores } = found.lists;
  if (!items.some((item) => item >= 0)) {
    const why = found.leftOut.map(({ what, count }) => `${count} ${what}`).join(", ");
    throw new UserError(`${source}: lists no item that a user of the data has not taken (${why}); check its ids.`);
  }
  const bytes = (of: Int32Array | Float32Array) => sha256(new Uint8Array(of.buffer, of.byteOffset, of.byteLength));
  const earlier = (found.easier ?? []).map((lists) => bytes(lists.items));
  const key = sha256([method, partsHash, String(found.scored), bytes(items), bytes(scores), ...earlier].join());
  return { name: "teacher", role: "teacher", method, key, ...found };
}

/** The first `n` of each row. */
export function firstOf({ n: width, items, scores }: TeacherLists, n: number): TeacherLists {
  if (n >= width) return { n: width, items, scores };
  const rows = items.length / width;
  const cut = { n, items: new Int32Array(rows * n), scores: new Float32Array(rows * n) };
  for (let row = 0; row < rows; row++) {
    cut.items.set(items.subarray(row * width, row * width + n), row * n);
    cut.scores.set(scores.subarray(row * width, row * width + n), row * n);
  }
  return cut;
}

/** Names counts that are not 0. */
export const countsOf = (counts: Readonly<Record<string, number>>): LeftOut[] =>
  Object.entries(counts).flatMap(([what, count]) => (count > 0 ? [{ what, count }] : []));
