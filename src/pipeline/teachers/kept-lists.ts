// The lists that students were judged against, beside the results of their run: JSON lines of a user, an item and its
// rank, so that others can read them, verify finds every figure again, and another recipe may learn from them.

import { joinBytes } from "../../base/bytes.ts";
import type { Bench } from "../bench.ts";
import type { Parts } from "../divide.ts";
import type { Recipe } from "../recipe.ts";
import type { Surroundings } from "../surroundings.ts";
import { listsOfFile } from "./from-file.ts";
import { type ListReference, measureLists } from "./reference.ts";
import { listTeacher } from "./teacher.ts";

export const keptLists = "teacher.jsonl";

/** The lists of the users who were judged, as bytes of the file. */
export function encodeKeptLists(
  { lists: { k, users, items } }: ListReference,
  { userIds, itemIds }: Pick<Parts, "userIds" | "itemIds">,
): Uint8Array {
  const encoder = new TextEncoder();
  const chunks = Array.from(users, (user, row) => {
    const own = items.subarray(row * k, (row + 1) * k).filter((item) => item >= 0);
    const line = (item: number, at: number) =>
      `${JSON.stringify({ user: userIds[user], item: itemIds[item], rank: at + 1 })}\n`;
    return encoder.encode(Array.from(own, line).join(""));
  });
  return joinBytes(chunks);
}

/** The teacher of the lists in the file at `path`, measured again. */
export async function readKeptLists(
  path: string,
  method: string,
  parts: Parts,
  bench: Bench,
  recipe: Recipe,
  around: Surroundings,
): Promise<ListReference> {
  const columns = { lists: path, format: "jsonl", header: true, user: "user", item: "item", rank: "rank" } as const;
  const found = await listsOfFile(columns, parts, Math.max(...recipe.evaluate.ks), around);
  return measureLists(listTeacher(method, found, parts.hash, path), bench, recipe);
}
