// Opens an artifact and trusts nothing: lengths and hashes of every file it reads, then every shape. Runs in a page.

import { UserError } from "../base/errors.ts";
import { checkRecommender } from "../recommender/check.ts";
import type { Recommender } from "../recommender/recommender.ts";
import { decodeHistories, decodeOrder, type Histories } from "./histories.ts";
import { decodeManifest, type Manifest } from "./manifest.ts";
import { historiesPath, itemsPath, manifestPath, onnxPath, orderPath, tablesPath, usersPath } from "./paths.ts";
import { decodeTables } from "./tables.ts";
import { type FetchFile, readIds, readVerified, readWhole } from "./verified-files.ts";

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
export async function openArtifact(fetchFile: FetchFile, { needs }: { needs: "load" | "all" }): Promise<Artifact> {
  const manifest = decodeManifest(await readWhole(fetchFile, manifestPath));
  const listed = Object.entries(manifest.files).filter(([, { load }]) => load || needs === "all");
  const contents = await Promise.all(listed.map(([path, entry]) => readVerified(fetchFile, path, entry)));
  const files = new Map(listed.map(([path], i) => [path, contents[i]!]));
  const required = (path: string): Uint8Array => {
    const file = files.get(path);
    if (!file) throw new UserError(`${manifestPath}: it lists no file ${path} to load; seal the artifact again.`);
    return file;
  };

  const { query, pool, items } = manifest;
  const recommender = { query, pool, items, ...decodeTables(required(tablesPath), manifest) };
  checkTables(recommender);
  const itemIds = readIds(required(itemsPath), itemsPath, items);
  const historyFile = files.get(historiesPath);
  const rows = historyFile && decodeHistories(historyFile, items, historiesPath);
  const orderFile = files.get(orderPath);
  const histories = rows && orderFile ? { ...rows, order: decodeOrder(orderFile, rows, orderPath) } : rows;
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

function checkTables(recommender: Recommender): void {
  try {
    checkRecommender(recommender);
  } catch (error) {
    if (error instanceof UserError) throw new UserError(`${tablesPath}: ${error.message}`);
    throw error;
  }
}

function checkedHistories(histories: Histories, users: number): Histories {
  if (histories.indptr.length - 1 === users) return histories;
  const got = `got ${histories.indptr.length - 1}`;
  throw new UserError(`${historiesPath}: it must hold ${users} users, ${got}; seal the artifact again.`);
}
