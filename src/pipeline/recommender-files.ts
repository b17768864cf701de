// A recommender between stages: its tables' tensors as raw little-endian files and a JSON note of their shapes. Only
// ever read back by the store that wrote it; what ships is the artifact.

import { must } from "../base/errors.ts";
import { type Recommender, tableNames } from "../recommender/recommender.ts";
import type { Table, Tensor } from "../tables/table.ts";
import type { Files } from "./stage.ts";

const types = { Float32Array, Uint16Array, Uint8Array, Int32Array };
type TypeName = keyof typeof types;

interface Note {
  readonly encoding: string;
  readonly rows: number;
  readonly cols: number;
  readonly tensors: Readonly<Record<string, TypeName>>;
  readonly values?: Note;
}

const note = "recommender.json";

/** The files of `recommender`. */
export function encodeRecommender(recommender: Recommender): Files {
  const files: Record<string, Uint8Array> = {};
  const notes: Record<string, Note> = {};
  for (const name of tableNames) {
    const table = recommender.tables[name];
    if (table) notes[name] = writeTable(table, name, files);
  }
  const { query, pool, items } = recommender;
  files[note] = new TextEncoder().encode(JSON.stringify({ query, pool, items, tables: notes }));
  return files;
}

/** The recommender in files that encodeRecommender made. */
export function decodeRecommender(files: Files): Recommender {
  const { tables, ...shape } = JSON.parse(new TextDecoder().decode(files[note])) as Omit<Recommender, "tables"> & {
    tables: Record<string, Note>;
  };
  return {
    ...shape,
    tables: Object.fromEntries(Object.entries(tables).map(([name, of]) => [name, readTable(of, name, files)])),
  };
}

function writeTable(
  { encoding, rows, cols, tensors, values }: Table,
  path: string,
  files: Record<string, Uint8Array>,
): Note {
  const kinds: Record<string, TypeName> = {};
  for (const [name, tensor] of Object.entries(tensors)) {
    kinds[name] = tensor.constructor.name as TypeName;
    files[`${path}.${name}`] = new Uint8Array(tensor.buffer, tensor.byteOffset, tensor.byteLength);
  }
  return {
    encoding,
    rows,
    cols,
    tensors: kinds,
    ...(values && { values: writeTable(values, `${path}.values`, files) }),
  };
}

function readTable({ encoding, rows, cols, tensors, values }: Note, path: string, files: Files): Table {
  const read = ([name, type]: [string, TypeName]): [string, Tensor] => {
    const bytes = must(files[`${path}.${name}`], `${path}.${name}`);
    return [name, new types[type](Uint8Array.from(bytes).buffer)];
  };
  return {
    ...{ encoding, rows, cols, tensors: Object.fromEntries(Object.entries(tensors).map(read)) },
    ...(values && { values: readTable(values, `${path}.values`, files) }),
  };
}
