// Artifacts on disk.

import { stat } from "node:fs/promises";
import { join } from "node:path";
import { type Artifact, openArtifact } from "../artifact/open.ts";
import { manifestPath } from "../artifact/paths.ts";
import { UserError } from "../base/errors.ts";
import { readBytes } from "./disk.ts";

/** Opens the artifact in `folder`; whatever is wrong with it is a UserError that begins with the folder. */
export async function openArtifactFolder(folder: string, options: { needs: "load" | "all" }): Promise<Artifact> {
  if (!(await stat(join(folder, manifestPath)).catch(() => undefined))) {
    throw new UserError(
      `${folder}: there is no artifact (no ${manifestPath}); give a folder that a run wrote, such as runs/demo/artifacts/student.`,
    );
  }
  return openArtifact((path) => readBytes(join(folder, path)), options).catch((error) => {
    throw error instanceof UserError ? new UserError(`${folder}: ${error.message}`) : error;
  });
}
