// A teacher's lists in shards of users: each shard is a kept stage of its own, so that a kill loses one at most, and
// beside the whole lists no more than one lies in memory.

import { bufferOf, bytesOf } from "../../base/bytes.ts";
import { sha256 } from "../../base/sha256.ts";
import type { TeacherLists } from "../../kinds/guidance.ts";
import { canonicalJson, type Files, type Keyed, runStage } from "../stage.ts";
import type { Surroundings } from "../surroundings.ts";

/** Rows of some users: items best first, -1 pads, and a score each; `note` is small and plain JSON. */
export interface Shard<N = null> {
  readonly items: Int32Array;
  readonly scores: Float32Array;
  readonly note: N;
}

/** What makes the shards; `options` and `inputs` name what a shard holds beside its users. */
export interface Sharded<N> {
  readonly stage: string;
  readonly version: number;
  readonly label: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly inputs: readonly string[];
  readonly users: number;
  /** Length of a list. */
  readonly n: number;
  /** Users a shard, at most. */
  readonly size: number;
  shard(from: number, to: number, step: (done: number, total: number) => void): Promise<Shard<N>>;
}

/** The lists of all users, from kept shards or new ones, and what was noted of each. */
export async function inShards<N>(
  of: Sharded<N>,
  { store, progress }: Pick<Surroundings, "store" | "progress">,
): Promise<Keyed<{ readonly lists: TeacherLists; readonly notes: readonly N[] }>> {
  const { users, n, size, stage, version, label, options, inputs } = of;
  const lists = { n, items: new Int32Array(users * n), scores: new Float32Array(users * n) };
  const notes: N[] = [];
  const keys: string[] = [];
  const task = progress.start(label);
  let made = 0;
  for (let from = 0; from < users; from += size) {
    const to = Math.min(users, from + size);
    const own = {
      step: (done: number, total: number) => task.step(from + ((to - from) * done) / total, users),
      end: (kept?: string) => {
        if (kept === undefined) made++;
        task.step(to, users);
      },
    };
    const { key, value } = await runStage<Shard<N>>(
      {
        ...{ stage, version, label, options: { ...options, n, from, to }, inputs, encode, decode },
        compute: (step) => of.shard(from, to, step),
      },
      { store, progress: { start: () => own, stop() {} } },
    );
    lists.items.set(value.items, from * n);
    lists.scores.set(value.scores, from * n);
    notes.push(value.note);
    keys.push(key);
  }
  const kept = keys.length - made;
  task.end(
    kept === 0 ? undefined : made === 0 ? "kept from before" : `${kept} of ${keys.length} parts kept from before`,
  );
  return { key: sha256(canonicalJson(keys)), value: { lists, notes } };
}

const encode = ({ items, scores, note }: Shard<unknown>): Files => ({
  items: bytesOf(items),
  scores: bytesOf(scores),
  "note.json": new TextEncoder().encode(JSON.stringify(note)),
});

const decode = <N>(files: Files): Shard<N> => ({
  items: new Int32Array(bufferOf(files["items"]!)),
  scores: new Float32Array(bufferOf(files["scores"]!)),
  note: JSON.parse(new TextDecoder().decode(files["note.json"])),
});
