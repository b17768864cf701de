// Ranked lists as files of a stage, and back.

import { bufferOf, bytesOf } from "../base/bytes.ts";
import type { Interactions } from "../data/interactions.ts";
import { rowOf } from "../data/interactions.ts";
import { type RankedLists, usersToJudge } from "../evidence/lists.ts";
import type { Files } from "./stage.ts";

const numbersOf = (bytes: Uint8Array): Int32Array => new Int32Array(bufferOf(bytes));

/** Items, and for each relevant item its place where there are places. */
export function encodeLists({ items, places }: RankedLists): Files {
  if (!places) return { "items.bin": bytesOf(items) };
  const flat = (of: "above" | "tied") => bytesOf(Int32Array.from(places.flatMap((place) => Array.from(place[of]))));
  return {
    "items.bin": bytesOf(items),
    ...{ "above.bin": flat("above"), "tied.bin": flat("tied") },
    "others.bin": bytesOf(Int32Array.from(places, ({ others }) => others)),
  };
}

/** The lists of all users with something to find in `truth`. */
export function decodeLists(files: Files, truth: Interactions, k: number): RankedLists {
  const users = usersToJudge(truth);
  const items = numbersOf(files["items.bin"]!);
  if (!files["others.bin"]) return { k, users, items };
  const [above, tied, others] = ["above", "tied", "others"].map((name) => numbersOf(files[`${name}.bin`]!));
  let from = 0;
  const places = Array.from(users, (user, r) => {
    const to = from + rowOf(truth, user).length;
    const place = { above: above!.subarray(from, to), tied: tied!.subarray(from, to), others: others![r]! };
    from = to;
    return place;
  });
  return { k, users, items, places };
}
