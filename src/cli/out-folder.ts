// The folder that --out names.

import { readdir } from "node:fs/promises";
import { manifestPath } from "../artifact/paths.ts";
import { UserError } from "../base/errors.ts";

/** The folder is replaced as a whole: one that holds anything but an artifact is left alone. */
export async function refuseStrangers(folder: string): Promise<void> {
  const names = await readdir(folder).catch((): string[] => []);
  if (names.length > 0 && !names.includes(manifestPath))
    throw new UserError(`${folder}: it holds files that are no artifact; choose another folder with --out.`);
}
