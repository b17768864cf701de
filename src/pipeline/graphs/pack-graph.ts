// Takes neurons out of a graph, runs passes over its embedding tables and dense layers and puts what they make in their
// place.

import { UserError } from "../../base/errors.ts";
import { createRng } from "../../base/rng.ts";
import type { Graph } from "../../graph/graph.ts";
import type { Kernels } from "../../kernels/kernels.ts";
import { parseOptions } from "../../kinds/options.ts";
import { type Table, tableBytes } from "../../tables/table.ts";
import type { PassStep } from "../compress.ts";
import { type NarrowedLayer, narrowLayers } from "./narrow-layers.ts";
import { layersOf, layerTable, packLayer } from "./pack-layers.ts";
import { packTable, tableOf } from "./pack-tables.ts";

export interface PackedTable {
  readonly name: string;
  readonly encoding: string;
  readonly bytes: { readonly before: number; readonly after: number };
  /** Why passes left it as it was. */
  readonly refused?: string;
}

export interface Packing {
  /** The share of hidden neurons that goes first; none without. */
  readonly neurons?: number | undefined;
  readonly tables: readonly PassStep[];
  /** Over the weights of dense layers; without any they stay float32. */
  readonly layers: readonly PassStep[];
}

/** Packs `graph` in place; where no pass changes anything it is a UserError with the reason. */
export async function packGraph(
  graph: Graph,
  known: readonly { readonly name: string; readonly encoding?: string }[],
  { neurons = 0, tables: steps, layers: layerSteps }: Packing,
  kernels: Kernels,
): Promise<{ narrowed: NarrowedLayer[]; tables: PackedTable[]; layers: PackedTable[] }> {
  const narrowed = neurons > 0 ? narrowLayers(graph, neurons) : [];
  if (neurons > 0 && narrowed.length === 0)
    throw new UserError("no hidden layer can lose neurons: none lies between two products of its own weights.");
  const tables: PackedTable[] = [];
  for (const { name, encoding } of known) tables.push(await packedTable(graph, name, encoding, steps, kernels));
  const layers: PackedTable[] = [];
  for (const layer of layerSteps.length > 0 ? layersOf(graph) : []) {
    const put = (table: Table) => packLayer(graph, layer, table);
    layers.push(await packed(layerTable(graph, layer), layer, layerSteps, kernels, put));
  }
  const all = [...tables, ...layers];
  if (narrowed.length > 0 || all.some(({ refused }) => refused === undefined)) return { narrowed, tables, layers };
  const why = all.map((one) => `${one.name}: ${one.refused}`).join("; ");
  const what = layerSteps.length > 0 ? "no table and no layer" : "no table";
  throw new UserError(`${what} became smaller (${why || "it has none"}).`);
}

/** Runs the passes over one table of the graph and packs it, in place. */
async function packedTable(
  graph: Graph,
  name: string,
  encoding: string | undefined,
  steps: readonly PassStep[],
  kernels: Kernels,
): Promise<PackedTable> {
  const given = tableOf(graph, name);
  if (encoding !== undefined && "refused" in given)
    return { name, encoding, bytes: { before: 0, after: 0 }, refused: `its rows are already ${encoding}` };
  return packed(given, name, steps, kernels, (table) => packTable(graph, name, table));
}

/** Runs the passes over numbers of the graph and puts what they make in their place. */
async function packed(
  given: Table | { readonly refused: string },
  name: string,
  steps: readonly PassStep[],
  kernels: Kernels,
  put: (table: Table) => void,
): Promise<PackedTable> {
  if ("refused" in given) return { name, encoding: "", bytes: { before: 0, after: 0 }, refused: given.refused };
  let table = given;
  let refused: string | undefined;
  for (const [i, { pass, options }] of steps.entries()) {
    const where = `compress[${i}] (${pass.name})`;
    if ("tables" in (options as object))
      throw new UserError(`${where}: tables name those of a recommender; a graph's are all packed, leave it out.`);
    if ("transform" in pass) {
      refused = `${pass.name} changes factors of users and items together, and a graph's tables are none`;
      continue;
    }
    const context = { kernels, rng: createRng("compress").fork(`${i}/${name}`) };
    // A pass knows the roles of a recommender's tables; one with a row for each id is what an item's is.
    const encoded = await pass.encode(table, parseOptions(pass.options, options, where), context, "item");
    if ("refused" in encoded) refused = encoded.refused;
    else if (encoded.encoding === "sparse") refused = "ONNX Runtime has no sparse tables";
    else table = encoded;
  }
  const [before, after] = [tableBytes(given), tableBytes(table)];
  if (table === given)
    return { name, encoding: "f32", bytes: { before, after }, refused: refused ?? "no pass changed it" };
  put(table);
  return { name, encoding: table.encoding, bytes: { before, after } };
}
