// Artifacts on disk.

import { join } from "node:path";
import { type Artifact, openArtifact } from "../artifact/open.ts";
import { readBytes } from "./disk.ts";

/** Opens the artifact in `folder`; whatever is wrong with it is a UserError that begins with the folder. */
export const openArtifactFolder = (folder: string, options: { needs: "load" | "all" }): Promise<Artifact> =>
  openArtifact((path) => readBytes(join(folder, path)), options);
