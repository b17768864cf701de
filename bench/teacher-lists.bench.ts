// The top 100 of a teacher of 1 M users × 20,000 items (d = 16), kept on disk in shards, then read back as a second run
// reads them: seconds, and the most memory that the process had.

import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRng } from "../src/base/rng.ts";
import type { Interactions } from "../src/data/interactions.ts";
import { openStore } from "../src/node/store.ts";
import { openKernels } from "../src/node/threads.ts";
import { teacherLists } from "../src/pipeline/teacher-lists.ts";
import type { Recommender } from "../src/recommender/recommender.ts";
import { f32Table } from "../src/tables/table.ts";
import type { Figures, QualityContext } from "./case.ts";

const [USERS, ITEMS, D, TOP, TAKEN] = [1_000_000, 20_000, 16, 100, 20];

export async function measure({ note }: QualityContext): Promise<Figures> {
  const rng = createRng("teacher lists");
  const uniform = (n: number) => Float32Array.from({ length: n }, () => rng.uniform() - 0.5);
  const recommender: Recommender = {
    ...{ query: "user", pool: "sum", items: ITEMS },
    tables: { user: f32Table(USERS, D, uniform(USERS * D)), item: f32Table(ITEMS, D, uniform(ITEMS * D)) },
  };
  // Ascending and unique: one item of each stretch of the catalogue.
  const stretch = ITEMS / TAKEN;
  const train: Interactions = {
    ...{ users: USERS, items: ITEMS, values: new Float32Array(USERS * TAKEN).fill(1) },
    indptr: Int32Array.from({ length: USERS + 1 }, (_, u) => u * TAKEN),
    indices: Int32Array.from({ length: USERS * TAKEN }, (_, e) => (e % TAKEN) * stretch + rng.below(stretch)),
  };
  const folder = await mkdtemp(join(tmpdir(), "distilrec-lists-"));
  const kernels = await openKernels();
  const store = await openStore(folder);
  const progress = { start: (label: string) => ({ step() {}, end: () => note(label) }), stop() {} };
  const figures: Record<string, number> = { "before, GB": peak() };
  try {
    for (const name of ["made", "kept"]) {
      const began = performance.now();
      await teacherLists({ key: "bench", recommender }, { train, hash: "bench" }, TOP, { store, progress, kernels });
      figures[`${name}, s`] = Number(((performance.now() - began) / 1e3).toFixed(1));
      figures[`${name}, peak GB`] = peak();
    }
  } finally {
    await store.close();
    await kernels.close();
    await rm(folder, { recursive: true, force: true });
  }
  return figures;
}

const peak = () =>
  Number((Number(/VmHWM:\s*(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1]) / 2 ** 20).toFixed(2));
