// What an artifact weighs: the files that ship, never parameter counts.

import { must } from "../base/errors.ts";
import { decodeManifest } from "./manifest.ts";
import { historiesPath, manifestPath, onnxPath, orderPath, usersPath } from "./paths.ts";

export interface ArtifactBytes {
  /** Everything a runtime must load to answer, the manifest included. */
  readonly raw: number;
  readonly onnxBytes: number;
  /** Histories and the user names that only they need. */
  readonly historyBytes: number;
  /** The files that `raw` counts, for measuring them compressed. */
  readonly loaded: readonly Uint8Array[];
}

/** Sums the files of a sealed artifact. */
export function artifactBytes(files: ReadonlyMap<string, Uint8Array>): ArtifactBytes {
  const manifest = must(files.get(manifestPath), manifestPath);
  const entries = decodeManifest(manifest).files;
  const loaded = [manifest];
  for (const [path, { load }] of Object.entries(entries)) if (load) loaded.push(must(files.get(path), path));
  const aside = (path: string) => (entries[path]?.load === false ? entries[path].bytes : 0);
  return {
    raw: loaded.reduce((sum, file) => sum + file.length, 0),
    onnxBytes: aside(onnxPath),
    historyBytes: aside(historiesPath) + aside(orderPath) + aside(usersPath),
    loaded,
  };
}
