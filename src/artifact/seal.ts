// Makes an artifact: the files that hold a recommender, its vocabularies and its manifest. Pure: same parts, same bytes.

import { bug } from "../base/errors.ts";
import { sha256 } from "../base/sha256.ts";
import { checkRecommender } from "../recommender/check.ts";
import type { Recommender } from "../recommender/recommender.ts";
import { encodeHistories, encodeOrder, type Histories } from "./histories.ts";
import { encodeIds } from "./ids.ts";
import { encodeManifest, type FileEntry, type Manifest } from "./manifest.ts";
import { historiesPath, itemsPath, manifestPath, onnxPath, orderPath, tablesPath, usersPath } from "./paths.ts";
import { encodeTables } from "./tables.ts";

/** Everything that goes into an artifact. */
export interface Parts
  extends Pick<Manifest, "name" | "role" | "method" | "recipe" | "dataset" | "split" | "seed" | "metrics" | "parent"> {
  readonly recommender: Recommender;
  /** The names of the items, by index. */
  readonly itemIds: readonly string[];
  /** The names of the users, by index; needed for query "user" and with histories. */
  readonly userIds?: readonly string[];
  /** What each user took: lets a server answer for a user by name and leave out what they have. */
  readonly histories?: Histories;
  /** The ONNX export. */
  readonly onnx?: Uint8Array;
}

/** The files of an artifact by path. */
export function sealArtifact(parts: Parts): Map<string, Uint8Array> {
  const { recommender, itemIds, userIds, histories, onnx } = parts;
  const { query, pool, items } = recommender;
  checkRecommender(recommender);
  if (itemIds.length !== items) bug(`${itemIds.length} item names for ${items} items`);
  if (query === "user" && userIds?.length !== recommender.tables.user?.rows) bug("user names do not match the users");
  if (histories && histories.indptr.length - 1 !== userIds?.length) bug("histories do not match the user names");
  const notNumber = Object.entries(parts.metrics).find(([, value]) => !Number.isFinite(value));
  if (notNumber) bug(`metric ${notNumber[0]} is ${notNumber[1]}`);

  const { file, shapes } = encodeTables(recommender);
  const content: [path: string, bytes: Uint8Array, load: boolean][] = [
    [tablesPath, file, true],
    [itemsPath, encodeIds(itemIds), true],
  ];
  if (userIds) content.push([usersPath, encodeIds(userIds), query === "user"]);
  if (histories) content.push([historiesPath, encodeHistories(histories), false]);
  if (histories?.order) content.push([orderPath, encodeOrder(histories.order), false]);
  if (onnx) content.push([onnxPath, onnx, false]);
  const files: Record<string, FileEntry> = {};
  for (const [path, bytes, load] of content) files[path] = { bytes: bytes.length, sha256: sha256(bytes), load };
  const manifest = encodeManifest({
    format: "distilrec-artifact",
    version: 1,
    name: parts.name,
    role: parts.role,
    method: parts.method,
    query,
    pool,
    items,
    ...shapes,
    files,
    recipe: parts.recipe,
    dataset: parts.dataset,
    split: parts.split,
    seed: parts.seed,
    metrics: parts.metrics,
    ...(parts.parent !== undefined && { parent: parts.parent }),
  });
  return new Map([[manifestPath, manifest], ...content.map(([path, bytes]) => [path, bytes] as const)]);
}
