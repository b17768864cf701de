// Where a case works: a folder that is gone afterwards, or below $QUALITY_KEEP one that stays, in which a case that was
// killed finds what it had finished.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { env } from "node:process";
import { makeFolder } from "../src/node/disk.ts";

/** What `work` does in the folder of the case `name`. */
export async function inScratch<T>(name: string, work: (folder: string) => Promise<T>): Promise<T> {
  const kept = env["QUALITY_KEEP"];
  if (kept) {
    const folder = resolve(kept, name);
    await makeFolder(folder);
    return work(folder);
  }
  const folder = await mkdtemp(join(tmpdir(), `distilrec-${name}-`));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
