// A small click log with a truth to find, as a CSV file and a recipe over it. For tests.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createRng } from "../../src/base/rng.ts";
import { openSurroundings } from "../../src/node/surroundings.ts";
import type { Surroundings } from "../../src/pipeline/surroundings.ts";

/**
 * Writes clicks.csv: whether a user of group u % 3 clicks an item of group i % 3 at a price; a click is likely (.9) where
 * the groups are equal, else rare (.1), so that the best AUC lies near .9 and no single column says anything.
 */
export function writeClicks(folder: string, rows = 1500): string {
  const rng = createRng("clicks");
  const lines = Array.from({ length: rows }, (_, r) => {
    const [user, item] = [rng.below(12), rng.below(15)];
    const click = rng.uniform() < (user % 3 === item % 3 ? 0.9 : 0.1) ? 1 : 0;
    const tags = item % 5 === 0 ? "" : `t${item % 3}|t${rng.below(9)}`;
    return `u${user},i${item},${(rng.uniform() * 10).toFixed(2)},${tags},${click},${r}`;
  });
  writeFileSync(join(folder, "clicks.csv"), `user,item,price,tags,click,at\n${lines.join("\n")}\n`);
  return "clicks.csv";
}

/** A recipe over clicks.csv, quick to run. */
export const clickRecipe = (): Record<string, unknown> => ({
  name: "clicks",
  clicklog: {
    ...{ use: "table", path: "clicks.csv", label: "click", group: "user" },
    columns: [
      { kind: "category", column: "user" },
      { kind: "category", column: "item" },
      { kind: "number", column: "price" },
      { kind: "tags", column: "tags" },
    ],
    holdout: { by: "order", validation: 0.2, test: 0.2 },
  },
  networks: [{ name: "machine", use: "deepfm", d: 4, hidden: [16] }],
  train: {
    ...{ batch: 32, epochs: 6, patience: 6 },
    optimizer: { use: "adam", learningRate: 0.04 },
    tables: { use: "adam" },
  },
});

/** Does `work` in surroundings whose run folder is `out`, on one thread, without progress. */
export async function inRun<T>(folder: string, out: string, work: (around: Surroundings) => Promise<T>): Promise<T> {
  const progress = { start: () => ({ step() {}, end() {} }), stop() {} };
  const around = await openSurroundings({ base: folder, folder: out, command: "distilrec run", progress, threads: 1 });
  try {
    return await work(around);
  } finally {
    await around.close();
  }
}

/** The same surroundings without what takes seconds: a second runtime to time on, a process to weigh. */
export const brief = (around: Surroundings): Surroundings => ({
  ...around,
  webRuntime: async () => undefined,
  processBytes: async () => ({ why: "it is not asked for" }),
});
