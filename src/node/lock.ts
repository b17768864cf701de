// One run a folder: a lock file with the owner's process id. A lock whose process is gone is taken over.

import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../base/errors.ts";
import { makeFolder, onDisk } from "./disk.ts";

/** Takes the lock of `folder`, creating it; returns the function that gives it back. */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, ".lock");
  const mine = `${process.pid}\n`;
  await onDisk(folder, () => makeFolder(folder));
  for (let attempt = 0; ; attempt++) {
    try {
      await writeFile(path, mine, { flag: "wx" });
      return () => rm(path, { force: true });
    } catch (error) {
      if ((error as { code?: string }).code !== "EEXIST") await onDisk(folder, () => Promise.reject(error));
    }
    const owner = Number.parseInt(await readFile(path, "utf8").catch(() => ""), 10);
    if (attempt > 2 || (owner !== process.pid && isAlive(owner))) {
      throw new UserError(
        `${folder}: process ${owner} is running into this folder. Wait for it, use another --out, or delete ${path} if it is not distilrec.`,
      );
    }
    await rm(path, { force: true });
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid < 1) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === "EPERM";
  }
}
