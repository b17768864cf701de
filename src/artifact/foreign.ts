// The artifact of a graph that is no recommender's tables: an imported one that is no factor model, or a network that
// was trained here. It holds the graph itself, with what its inputs, outputs and embedding tables are. A folder of
// manifest.json (format "distilrec-graph", version 1), model.onnx, and of the ids or the fitted columns that were given.

import { UserError } from "../base/errors.ts";
import { sha256 } from "../base/sha256.ts";
import { type Columns, openColumns } from "../data/columns/columns.ts";
import type { Graph } from "../graph/graph.ts";
import { decodeOnnx } from "../onnx/decode.ts";
import { encodeOnnx } from "../onnx/encode.ts";
import { encodeIds } from "./ids.ts";
import { isLineage, type LineageStep } from "./lineage.ts";
import { type FileEntry, isFile } from "./manifest.ts";
import { columnsPath, itemsPath, manifestPath, onnxPath, usersPath } from "./paths.ts";
import { isCount, isObject, isText, openSealed, sealJson } from "./sealed-json.ts";
import { type FetchFile, readIds, readVerified, readWhole } from "./verified-files.ts";

const FORMAT = "distilrec-graph";

/** An input of the graph and the columns of a row that fill it. */
export interface ForeignInput {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly (number | string)[];
  /** user, item, category, categories, sequence, mask, length or numeric. */
  readonly role: string;
  /** One for each number of a row; a single one holds a list where the row is a sequence. */
  readonly columns: readonly string[];
}

export interface ForeignOutput {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly (number | string)[];
  /** scores (over items), one (number a row), vector or unknown. */
  readonly role: string;
}

/** An initializer of the graph whose rows its inputs pick. */
export interface ForeignTable {
  readonly name: string;
  readonly rows: number;
  readonly cols: number;
  readonly pickers: readonly {
    readonly input: string;
    readonly column?: number;
    readonly offset: boolean;
    readonly computed: boolean;
  }[];
  /** Initializers that hold the same numbers again. */
  readonly copies: readonly string[];
  /** What its rows were packed as; absent where they are float32. */
  readonly encoding?: string;
}

export interface TrainedHere {
  /** The network's name in the registry, e.g. "deepfm". */
  readonly network: string;
  /** The resolved recipe of the run. */
  readonly recipe: unknown;
  readonly seed: number;
  readonly dataset: { readonly name: string; readonly fingerprint: string };
  readonly metrics: Readonly<Record<string, number>>;
  /** Numbers in the network's weights and in its tables, and operations a row. */
  readonly size: { readonly weights: number; readonly tables: number; readonly flops: number };
}

export interface ForeignManifest {
  readonly format: typeof FORMAT;
  readonly version: 1;
  readonly name: string;
  /** The file it was imported from; absent where it was trained here. */
  readonly source?: { readonly file: string; readonly sha256: string; readonly opset: number };
  /** How it was trained; absent where it was imported. */
  readonly trained?: TrainedHere;
  readonly inputs: readonly ForeignInput[];
  readonly outputs: readonly ForeignOutput[];
  readonly tables: readonly ForeignTable[];
  /** What was done to it since, the latest last. */
  readonly lineage?: readonly LineageStep[];
  readonly files: Readonly<Record<string, FileEntry>>;
}

export interface ForeignArtifact {
  readonly manifest: ForeignManifest;
  readonly graph: Graph;
  readonly itemIds?: readonly string[];
  readonly userIds?: readonly string[];
  /** What turns raw rows into the graph's inputs. */
  readonly columns?: Columns;
}

/** The files of the artifact. */
export function sealForeign(
  parts: Omit<ForeignManifest, "format" | "version" | "files"> & Omit<ForeignArtifact, "manifest">,
): Map<string, Uint8Array> {
  const { graph, itemIds, userIds, columns, ...said } = parts;
  const content = new Map([[onnxPath, encodeOnnx(graph)]]);
  if (itemIds) content.set(itemsPath, encodeIds(itemIds));
  if (userIds) content.set(usersPath, encodeIds(userIds));
  if (columns) content.set(columnsPath, new TextEncoder().encode(JSON.stringify(columns.fitted)));
  const files = Object.fromEntries(
    [...content].map(([path, bytes]) => [path, { bytes: bytes.length, sha256: sha256(bytes), load: true }]),
  );
  const manifest: ForeignManifest = { format: FORMAT, version: 1, ...said, files };
  return new Map([[manifestPath, sealJson(manifest)], ...content]);
}

/** Reads the artifact of a graph; anything wrong is one UserError that names the file. */
export async function openForeign(fetchFile: FetchFile): Promise<ForeignArtifact> {
  const sealed = openSealed(await readWhole(fetchFile, manifestPath), FORMAT, fields);
  const manifest = sealed as unknown as ForeignManifest;
  const read = (path: string) => {
    const entry = manifest.files[path];
    return entry && readVerified(fetchFile, path, entry);
  };
  if (!manifest.source === !manifest.trained)
    throw new UserError(`${manifestPath}: it must say either what it was imported from or how it was trained.`);
  const [model, items, users, columns] = await Promise.all([onnxPath, itemsPath, usersPath, columnsPath].map(read));
  if (!model) throw new UserError(`${manifestPath}: it lists no file ${onnxPath}; import the model again.`);
  return {
    ...{ manifest, graph: decodeOnnx(model, onnxPath) },
    ...(items && { itemIds: readIds(items, itemsPath, undefined) }),
    ...(users && { userIds: readIds(users, usersPath, undefined) }),
    ...(columns && { columns: openColumns(jsonOf(columns), columnsPath) }),
  };
}

/** What the bytes say as JSON; undefined, which no columns are, where they say nothing. */
function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

const listOf = (v: unknown, test: (one: Record<string, unknown>) => boolean): boolean =>
  Array.isArray(v) && v.every((one) => isObject(one) && isText(one["name"]) && test(one));
const isShape = (v: unknown): boolean => Array.isArray(v) && v.every((d) => isCount(d) || isText(d));
const isPort = (v: Record<string, unknown>): boolean => isText(v["dtype"]) && isShape(v["shape"]) && isText(v["role"]);
const isTable = ({ rows, cols, copies, encoding }: Record<string, unknown>): boolean =>
  isCount(rows) && isCount(cols) && isTexts(copies) && (encoding === undefined || isText(encoding));
const isTexts = (v: unknown): boolean => Array.isArray(v) && v.every(isText);

const isNumber = (v: unknown): boolean => typeof v === "number";
const isTrained = ({ network, recipe, seed, dataset, metrics, size }: Record<string, unknown>): boolean =>
  [isText(network), recipe !== undefined, isNumber(seed)].every(Boolean) &&
  isObject(dataset) &&
  [dataset["name"], dataset["fingerprint"]].every(isText) &&
  isObject(metrics) &&
  Object.values(metrics).every(isNumber) &&
  isObject(size) &&
  [size["weights"], size["tables"], size["flops"]].every(isCount);

const fields = {
  name: isText,
  source: (v: unknown) =>
    v === undefined || (isObject(v) && isText(v["file"]) && isText(v["sha256"]) && isCount(v["opset"])),
  trained: (v: unknown) => v === undefined || (isObject(v) && isTrained(v)),
  inputs: (v: unknown) => listOf(v, (one) => isPort(one) && isTexts(one["columns"])),
  outputs: (v: unknown) => listOf(v, isPort),
  tables: (v: unknown) => listOf(v, isTable),
  lineage: (v: unknown) => v === undefined || isLineage(v),
  files: (v: unknown) => isObject(v) && Object.values(v).every(isFile),
};
