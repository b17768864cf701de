// Artifacts on disk.

import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { type ForeignArtifact, openForeign } from "../artifact/foreign.ts";
import { type Artifact, openArtifact } from "../artifact/open.ts";
import { manifestPath } from "../artifact/paths.ts";
import type { FetchFile } from "../artifact/verified-files.ts";
import { UserError } from "../base/errors.ts";
import { readBytes } from "./disk.ts";

/** Opens the artifact in `folder`; whatever is wrong with it is a UserError that begins with the folder. */
export const openArtifactFolder = (folder: string, options: { needs: "load" | "all" }): Promise<Artifact> =>
  openFolder(folder, (fetchFile) => openArtifact(fetchFile, options));

/** Opens the artifact of an imported graph in `folder`, likewise. */
export const openForeignFolder = (folder: string): Promise<ForeignArtifact> => openFolder(folder, openForeign);

async function openFolder<T>(folder: string, open: (fetchFile: FetchFile) => Promise<T>): Promise<T> {
  if (!(await stat(join(folder, manifestPath)).catch(() => undefined))) {
    throw new UserError(
      `${folder}: there is no artifact (no ${manifestPath}); give a folder that a run wrote, such as runs/demo/artifacts/student.`,
    );
  }
  return open((path) => readBytes(join(folder, path))).catch((error) => {
    throw error instanceof UserError ? new UserError(`${folder}: ${error.message}`) : error;
  });
}

/** Whether the folder says that it holds an imported graph; opening it tells whether that is true. */
export async function holdsForeign(folder: string): Promise<boolean> {
  try {
    return JSON.parse(await readFile(join(folder, manifestPath), "utf8")).format === "distilrec-graph";
  } catch {
    return false;
  }
}
