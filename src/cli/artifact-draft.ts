// A recipe around a sealed artifact: it becomes the teacher, on the data that its manifest names or that --data gives.

import { relative, resolve } from "node:path";
import { UserError } from "../base/errors.ts";
import { openArtifactFolder } from "../node/artifact-folder.ts";
import { type Draft, readDraft } from "./read-recipe.ts";

/** The draft without students and variants; gates are those of `data`, for a model's own were for another teacher. */
export async function artifactDraft(artifact: string, data: string | undefined): Promise<Draft> {
  const { manifest } = await openArtifactFolder(artifact, { needs: "load" });
  const made = manifest.recipe as Record<string, unknown> | null;
  const { raw, base } = data === undefined ? { raw: { ...made, gates: [] }, base: "." } : await readDraft(data);
  if (!("dataset" in raw)) throw new UserError(`${artifact}: its manifest names no data; give --data RECIPE.`);
  const teacher = { artifact: relative(base, resolve(artifact)) || "." };
  return { raw: { ...raw, teacher, students: [], variants: [] }, source: artifact, base };
}
