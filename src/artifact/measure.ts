// Which files of an artifact ship: sizes are those of files, never of parameter counts.

import { must } from "../base/errors.ts";
import { decodeManifest } from "./manifest.ts";
import { manifestPath } from "./paths.ts";

/** The paths of the files of a sealed recommender that a runtime must load to answer, the manifest among them. */
export function loadedPaths(files: Readonly<Record<string, Uint8Array>>): ReadonlySet<string> {
  const { files: entries } = decodeManifest(must(files[manifestPath], manifestPath));
  const loaded = Object.entries(entries).flatMap(([path, { load }]) => (load ? [path] : []));
  return new Set([manifestPath, ...loaded]);
}
