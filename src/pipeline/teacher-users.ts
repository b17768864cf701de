// A teacher's best users of every item, for losses that rank users: of a model with vectors by all of its scores, of any
// other teacher by the users' lists in which the item is.

import { sha256 } from "../base/sha256.ts";
import { transpose } from "../data/interactions.ts";
import { teacherVectors } from "../engine/distil/teacher-vectors.ts";
import type { TeacherLists } from "../kinds/guidance.ts";
import type { Recommender } from "../recommender/recommender.ts";
import { f32Table } from "../tables/table.ts";
import type { Parts } from "./divide.ts";
import type { Keyed } from "./stage.ts";
import type { Surroundings } from "./surroundings.ts";
import { teacherLists } from "./teacher-lists.ts";
import { isModel, type Teacher } from "./teachers/teacher.ts";

/** `n` users of each item that did not take it; `lists` are the teacher's items of every user. */
export async function teacherUsers(
  teacher: Teacher,
  lists: Keyed<TeacherLists>,
  parts: Pick<Parts, "train" | "hash">,
  n: number,
  around: Surroundings,
): Promise<Keyed<TeacherLists>> {
  if (!isModel(teacher) || !hasVectors(teacher.recommender)) {
    return { key: sha256(`${lists.key} users ${n}`), value: turnedLists(lists.value, parts.train.items, n) };
  }
  const { train, hash } = parts;
  const { width, user, item } = teacherVectors(teacher.recommender, train, (why) => why);
  // An item's gain and bias change no order of its users.
  const recommender: Recommender = {
    ...{ query: "user", pool: "sum", items: train.users },
    tables: { user: f32Table(train.items, width, item), item: f32Table(train.users, width, user) },
  };
  const turned = { train: transpose(train), hash };
  return teacherLists({ key: sha256(`${teacher.key} turned`), recommender }, turned, n, around, "teacher's users, the");
}

const hasVectors = ({ query, tables, encoder }: Recommender): boolean =>
  query !== "none" && tables.item !== undefined && encoder === undefined;

/** The users in whose lists each item is, those with the highest scores of it first, equal ones by number. */
export function turnedLists({ n: width, items, scores }: TeacherLists, count: number, n: number): TeacherLists {
  const users = Array.from({ length: count }, (): number[] => []);
  for (const [at, item] of items.entries()) if (item >= 0) users[item]!.push(at);
  const turned = { n, items: new Int32Array(count * n).fill(-1), scores: new Float32Array(count * n) };
  for (const [item, places] of users.entries()) {
    places.sort((a, b) => scores[b]! - scores[a]! || a - b);
    for (const [r, at] of places.slice(0, n).entries()) {
      turned.items[item * n + r] = Math.floor(at / width);
      turned.scores[item * n + r] = scores[at]!;
    }
  }
  return turned;
}
