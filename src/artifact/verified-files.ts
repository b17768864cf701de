// Files of an artifact as they are read: complete and unchanged, or a UserError that names the file.

import { UserError } from "../base/errors.ts";
import { formatCount } from "../base/format.ts";
import { sha256 } from "../base/sha256.ts";
import { decodeIds } from "./ids.ts";
import type { FileEntry } from "./manifest.ts";

/** Gets a path relative to the artifact's folder; rejects for a missing file. */
export type FetchFile = (path: string) => Promise<Uint8Array>;

/** A file that nothing is known of yet. */
export async function readWhole(fetchFile: FetchFile, path: string): Promise<Uint8Array> {
  try {
    return await fetchFile(path);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UserError(
      `${path}: the artifact has no such file, or it cannot be read (${why}); copy the whole folder.`,
    );
  }
}

/** A file that must have the bytes that were sealed. */
export async function readVerified(fetchFile: FetchFile, path: string, entry: FileEntry): Promise<Uint8Array> {
  const bytes = await readWhole(fetchFile, path);
  if (bytes.length !== entry.bytes) {
    const lengths = `the manifest says ${formatCount(entry.bytes)} bytes, got ${formatCount(bytes.length)}`;
    throw new UserError(`${path}: ${lengths}; copy the artifact again.`);
  }
  if (sha256(bytes) !== entry.sha256) {
    throw new UserError(`${path}: its content is not what was sealed (SHA-256 differs); copy the artifact again.`);
  }
  return bytes;
}

/** The `count` different ids of a vocabulary's file. */
export function readIds(file: Uint8Array, path: string, count: number | undefined): string[] {
  const ids = decodeIds(file, path);
  if (count !== undefined && ids.length !== count) {
    throw new UserError(
      `${path}: it must name ${formatCount(count)} rows, got ${ids.length}; seal the artifact again.`,
    );
  }
  if (new Set(ids).size !== ids.length) throw new UserError(`${path}: an id is there twice; seal the artifact again.`);
  return ids;
}
