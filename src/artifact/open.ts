// Opens an artifact and trusts nothing: lengths and hashes of every file it reads, then every shape. Runs in a page.

import { UserError } from "../base/errors.ts";
import { formatCount } from "../base/format.ts";
import { sha256 } from "../base/sha256.ts";
import { checkRecommender } from "../recommender/check.ts";
import type { Recommender } from "../recommender/recommender.ts";
import { decodeHistories, type Histories } from "./histories.ts";
import { decodeIds } from "./ids.ts";
import { decodeManifest, type FileEntry, type Manifest } from "./manifest.ts";
import { historiesPath, itemsPath, manifestPath, onnxPath, tablesPath, usersPath } from "./paths.ts";
import { decodeTables } from "./tables.ts";

export interface Artifact {
  readonly manifest: Manifest;
  readonly recommender: Recommender;
  readonly itemIds: readonly string[];
  /** With query "user", and where "all" was read and it has them. */
  readonly userIds?: readonly string[];
  readonly histories?: Histories;
  readonly onnx?: Uint8Array;
}

/**
 * Reads an artifact through `fetchFile`, which gets paths relative to its folder and rejects for a missing file.
 * needs "load": what answering takes; "all": every file. Anything wrong is one UserError that names the file.
 */
export async function openArtifact(
  fetchFile: (path: string) => Promise<Uint8Array>,
  { needs }: { needs: "load" | "all" },
): Promise<Artifact> {
  const manifest = decodeManifest(await read(fetchFile, manifestPath));
  const listed = Object.entries(manifest.files).filter(([, { load }]) => load || needs === "all");
  const contents = await Promise.all(listed.map(([path, entry]) => readVerified(fetchFile, path, entry)));
  const files = new Map(listed.map(([path], i) => [path, contents[i]!]));
  const required = (path: string): Uint8Array => {
    const file = files.get(path);
    if (!file) throw new UserError(`${manifestPath}: it lists no file ${path} to load; seal the artifact again.`);
    return file;
  };

  const { query, pool, items } = manifest;
  const recommender = { query, pool, items, tables: decodeTables(required(tablesPath), manifest.tables) };
  checkTables(recommender);
  const itemIds = readIds(required(itemsPath), itemsPath, items);
  const historyFile = files.get(historiesPath);
  const histories = historyFile && decodeHistories(historyFile, items, historiesPath);
  const users = query === "user" ? recommender.tables.user!.rows : histories && histories.indptr.length - 1;
  const userFile = users === undefined ? files.get(usersPath) : required(usersPath);
  const onnx = files.get(onnxPath);
  return {
    manifest,
    recommender,
    itemIds,
    ...(userFile && { userIds: readIds(userFile, usersPath, users) }),
    ...(histories && { histories: checkedHistories(histories, users!) }),
    ...(onnx && { onnx }),
  };
}

async function read(fetchFile: (path: string) => Promise<Uint8Array>, path: string): Promise<Uint8Array> {
  try {
    return await fetchFile(path);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UserError(
      `${path}: the artifact has no such file, or it cannot be read (${why}); copy the whole folder.`,
    );
  }
}

async function readVerified(
  fetchFile: (path: string) => Promise<Uint8Array>,
  path: string,
  entry: FileEntry,
): Promise<Uint8Array> {
  const bytes = await read(fetchFile, path);
  if (bytes.length !== entry.bytes) {
    const lengths = `the manifest says ${formatCount(entry.bytes)} bytes, got ${formatCount(bytes.length)}`;
    throw new UserError(`${path}: ${lengths}; copy the artifact again.`);
  }
  if (sha256(bytes) !== entry.sha256) {
    throw new UserError(`${path}: its content is not what was sealed (SHA-256 differs); copy the artifact again.`);
  }
  return bytes;
}

function checkTables(recommender: Recommender): void {
  try {
    checkRecommender(recommender);
  } catch (error) {
    if (error instanceof UserError) throw new UserError(`${tablesPath}: ${error.message}`);
    throw error;
  }
}

function readIds(file: Uint8Array, path: string, count: number | undefined): string[] {
  const ids = decodeIds(file, path);
  if (count !== undefined && ids.length !== count) {
    throw new UserError(
      `${path}: it must name ${formatCount(count)} rows, got ${ids.length}; seal the artifact again.`,
    );
  }
  if (new Set(ids).size !== ids.length) throw new UserError(`${path}: an id is there twice; seal the artifact again.`);
  return ids;
}

function checkedHistories(histories: Histories, users: number): Histories {
  if (histories.indptr.length - 1 === users) return histories;
  const got = `got ${histories.indptr.length - 1}`;
  throw new UserError(`${historiesPath}: it must hold ${users} users, ${got}; seal the artifact again.`);
}
