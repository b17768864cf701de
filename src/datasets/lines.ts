// One line a user, "user item item …", as NGCF, LightGCN and their successors publish splits: a folder of train.txt,
// valid.txt and test.txt, each event in the part of its file (a pair in two files: of the later one); or one file
// without parts. No ratings.

import { z } from "zod";
import { UserError } from "../base/errors.ts";
import { inFolder } from "../data/describing.ts";
import { type EventSet, pick, toEvents } from "../data/events.ts";
import { groupPairs } from "../data/pairs.ts";
import { type Dataset, defineDataset } from "../kinds/dataset.ts";
import type { Reader } from "../kinds/reader.ts";

const names = ["train.txt", "valid.txt", "test.txt"] as const;

export default defineDataset({
  name: "lines",
  summary: "“user item item …” lines: a folder of train.txt, valid.txt, test.txt (a given split), or one file.",
  license: "as the source",
  options: z.strictObject({
    path: z.string().min(1).describe("A folder with train.txt (valid.txt and test.txt as they exist), or one file."),
    ordered: z.boolean().default(false).describe("Whether each line is in time order; positions then serve as times."),
  }),
  async load({ path, ordered }, { read }): Promise<Dataset> {
    const files = await filesOf(path, read);
    const [user, item, part, time]: [string[], string[], number[], number[]] = [[], [], [], []];
    for (const [p, file] of files) {
      const text = (await read.text(file)).replace(/^\uFEFF/, "");
      for (const line of text.split("\n")) {
        const [id, ...taken] = line.trim().split(/\s+/);
        for (const [n, i] of taken.entries()) {
          user.push(id!);
          item.push(i);
          part.push(p);
          time.push(n);
        }
      }
    }
    if (user.length === 0) {
      throw new UserError(`${path}: no line holds an item; lines must read "user item item …", separated by spaces.`);
    }
    const events = toEvents({ user, item, ...(ordered && { time: Float64Array.from(time) }) });
    return files.length > 1 ? withoutCopies({ events, part: Uint8Array.from(part) }) : { events };
  },
});

/** Drops a pair from the lower part where a higher one has it too: some valid.txt are subsets of their train.txt. */
function withoutCopies(dataset: EventSet & { part: Uint8Array }): EventSet {
  const { of } = groupPairs(dataset.events);
  const highest = new Uint8Array(of.length);
  for (let e = 0; e < of.length; e++) highest[of[e]!] = Math.max(highest[of[e]!]!, dataset.part[e]!);
  const kept = Uint32Array.from(of.keys()).filter((e) => highest[of[e]!] === dataset.part[e]);
  return kept.length === of.length ? dataset : pick(dataset, kept);
}

/** The files there are, each with its part. */
async function filesOf(path: string, read: Reader): Promise<[part: number, file: string][]> {
  if (await read.exists(path)) return [[0, path]];
  const found: [number, string][] = [];
  for (const [part, name] of names.entries()) {
    const file = inFolder(path, name);
    if (await read.exists(file)) found.push([part, file]);
  }
  if (found[0]?.[0] === 0) return found;
  throw new UserError(
    `${path}: no train.txt here; give a folder that holds it, or one file of "user item item …" lines.`,
  );
}
