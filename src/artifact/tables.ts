// A recommender's tables (and encoder) as one safetensors file and the shapes that the manifest keeps of them. Tensor names are
// "item.data", "item.values.data" for the kept numbers of a sparse table, "item.bands.0.data" for a band.

import { must, UserError } from "../base/errors.ts";
import type { Recommender } from "../recommender/recommender.ts";
import type { Table, Tensor } from "../tables/table.ts";
import { decodeEncoder, encodeEncoder } from "./encoder.ts";
import type { Manifest, TableShape } from "./manifest.ts";
import { tablesPath } from "./paths.ts";
import { readSafetensors, writeSafetensors } from "./safetensors.ts";

export function encodeTables({ tables, encoder }: Pick<Recommender, "tables" | "encoder">): {
  file: Uint8Array;
  shapes: Pick<Manifest, "tables" | "encoder">;
} {
  const tensors = new Map<string, Tensor>();
  const shapes = Object.entries(tables).map(([name, table]) => [name, flatten(name, table, tensors)]);
  const encoding = encoder && { encoder: encodeEncoder(encoder, tensors) };
  return { file: writeSafetensors(tensors), shapes: { tables: Object.fromEntries(shapes), ...encoding } };
}

/** The tables of a file by the manifest's shapes; checkRecommender tells whether they are sound. */
export function decodeTables(
  file: Uint8Array,
  shapes: Pick<Manifest, "tables" | "encoder">,
): Pick<Recommender, "tables" | "encoder"> {
  const tensors = readSafetensors(file, tablesPath);
  const encoding = shapes.encoder && { encoder: decodeEncoder(shapes.encoder, tensors) };
  const tables = Object.entries(shapes.tables).map(([name, shape]) => [name, gather(name, shape, tensors)]);
  for (const name of tensors.keys()) {
    throw new UserError(
      `${tablesPath}: tensor "${name}" belongs to no table of the manifest; seal the artifact again.`,
    );
  }
  return { tables: Object.fromEntries(tables), ...encoding };
}

function flatten(name: string, table: Table, tensors: Map<string, Tensor>): TableShape {
  const { encoding, rows, cols, values, bands } = table;
  for (const key of Object.keys(table.tensors).sort()) {
    tensors.set(`${name}.${key}`, must(table.tensors[key], "a tensor"));
  }
  return {
    ...{ encoding, rows, cols },
    ...(values && { values: flatten(`${name}.values`, values, tensors) }),
    ...(bands && { bands: bands.map((one, b) => flatten(`${name}.bands.${b}`, one, tensors)) }),
  };
}

function gather(name: string, { values, bands, ...shape }: TableShape, tensors: Map<string, Tensor>): Table {
  const inner = values && gather(`${name}.values`, values, tensors);
  const parts = bands?.map((one, b) => gather(`${name}.bands.${b}`, one, tensors));
  const own: Record<string, Tensor> = {};
  for (const [key, tensor] of tensors) {
    if (!key.startsWith(`${name}.`)) continue;
    own[key.slice(name.length + 1)] = tensor;
    tensors.delete(key);
  }
  return {
    encoding: shape.encoding,
    rows: shape.rows,
    cols: shape.cols,
    tensors: own,
    ...(inner && { values: inner }),
    ...(parts && { bands: parts }),
  };
}
