// manifest.json, version 1: what an artifact is, how it was made and the SHA-256 of every other file, sealed
// (sealed-json.ts). Checked by hand and not by zod: pages read it, and zod is larger than all of their code.

import { UserError } from "../base/errors.ts";
import type { Pool, Recommender, TableName } from "../recommender/recommender.ts";
import { type EncoderShape, isEncoder } from "./encoder.ts";
import { manifestPath } from "./paths.ts";
import { type Fields, isCount, isObject, isText, openSealed, sealJson } from "./sealed-json.ts";

export interface TableShape {
  readonly encoding: string;
  readonly rows: number;
  readonly cols: number;
  /** The shape of a sparse table's kept numbers. */
  readonly values?: TableShape;
  /** The shapes of a mixed-rows table's bands. */
  readonly bands?: readonly TableShape[];
}

export interface FileEntry {
  readonly bytes: number;
  readonly sha256: string;
  /** Whether a runtime must load it to answer. */
  readonly load: boolean;
}

type Role = "teacher" | "student" | "variant";

export interface Manifest {
  readonly format: "distilrec-artifact";
  readonly version: 1;
  readonly name: string;
  readonly role: Role;
  /** The model's name in the registry, e.g. "ease". */
  readonly method: string;
  readonly query: Recommender["query"];
  readonly pool: Pool;
  readonly items: number;
  readonly tables: Readonly<Partial<Record<TableName, TableShape>>>;
  readonly encoder?: EncoderShape;
  readonly files: Readonly<Record<string, FileEntry>>;
  /** The resolved recipe of the run that made it. */
  readonly recipe: unknown;
  readonly dataset: { readonly name: string; readonly fingerprint: string };
  /** Hash of the split. */
  readonly split: string;
  readonly seed: number;
  readonly metrics: Readonly<Record<string, number>>;
  /** The variant it was distilled or compressed from. */
  readonly parent?: string;
}

const FORMAT = "distilrec-artifact";

/** The sealed bytes of a manifest. */
export const encodeManifest = (manifest: Manifest): Uint8Array => sealJson(manifest);

/** The manifest in these bytes; one that is changed, of another version or incomplete is a UserError. */
export function decodeManifest(bytes: Uint8Array): Manifest {
  const manifest = openSealed(bytes, FORMAT, fields);
  for (const path of Object.keys(manifest["files"] as object)) checkPath(path);
  return manifest as unknown as Manifest;
}

/** Throws a UserError unless `path` stays inside the artifact's folder on every system and as a URL. */
function checkPath(path: string): void {
  const parts = path.split("/");
  if (parts.every((part) => /^[A-Za-z0-9_-][A-Za-z0-9_.-]*$/.test(part))) return;
  throw new UserError(`${manifestPath}: file "${path}" may leave the artifact's folder; do not use this artifact.`);
}

const oneOf =
  (...known: readonly string[]) =>
  (v: unknown): boolean =>
    isText(v) && known.includes(v);
const eachOf = (v: unknown, test: (value: unknown, key: string) => boolean): boolean =>
  isObject(v) && Object.entries(v).every(([key, value]) => test(value, key));

const isShape = (v: unknown): boolean =>
  isObject(v) &&
  isText(v["encoding"]) &&
  isCount(v["rows"]) &&
  isCount(v["cols"]) &&
  (v["values"] === undefined || isShape(v["values"])) &&
  (v["bands"] === undefined || (Array.isArray(v["bands"]) && v["bands"].every(isShape)));

export const isFile = (v: unknown): boolean =>
  isObject(v) &&
  isCount(v["bytes"]) &&
  isText(v["sha256"]) &&
  /^[0-9a-f]{64}$/.test(v["sha256"]) &&
  typeof v["load"] === "boolean";

const isTable = oneOf("user", "history", "item", "gain", "bias");

const fields: Fields = {
  name: isText,
  role: oneOf("teacher", "student", "variant"),
  method: isText,
  query: oneOf("user", "history", "none"),
  pool: oneOf("sum", "mean", "sqrt"),
  items: isCount,
  tables: (v) => eachOf(v, (shape, name) => isTable(name) && isShape(shape)),
  encoder: (v) => v === undefined || isEncoder(v),
  files: (v) => eachOf(v, isFile),
  recipe: (v) => v !== undefined,
  dataset: (v) => isObject(v) && isText(v["name"]) && isText(v["fingerprint"]),
  split: isText,
  seed: (v) => typeof v === "number",
  metrics: (v) => eachOf(v, (n) => typeof n === "number"),
  parent: (v) => v === undefined || isText(v),
};
