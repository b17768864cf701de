// Interactions published as lines "user item 1" in train.txt, valid.txt and test.txt, written again as "user item" into a
// folder, which is what the dataset `lines` reads.

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Calls `use` with the folder, which is gone afterwards. */
export async function withPairs<T>(from: string, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "distilrec-pairs-"));
  try {
    for (const name of ["train.txt", "valid.txt", "test.txt"]) {
      const lines = (await readFile(join(from, name), "utf8")).trim().split("\n");
      const pairs = lines.map((line) => line.split(/\s+/).slice(0, 2).join(" "));
      await writeFile(join(folder, name), pairs.join("\n"));
    }
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
