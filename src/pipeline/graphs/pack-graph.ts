// Takes neurons out of a graph, runs passes over its embedding tables and dense layers and puts what they make in their
// place.

import type { ForeignTable } from "../../artifact/foreign.ts";
import { UserError } from "../../base/errors.ts";
import { formatBytes } from "../../base/format.ts";
import { createRng } from "../../base/rng.ts";
import type { Graph } from "../../graph/graph.ts";
import type { Kernels } from "../../kernels/kernels.ts";
import type { LayerChange, LayerContext, LayerPass } from "../../kinds/layer-pass.ts";
import { parseOptions } from "../../kinds/options.ts";
import { decodeTable } from "../../tables/decode.ts";
import { type Table, tableBytes } from "../../tables/table.ts";
import type { PassStep } from "../compress.ts";
import { fileBytes } from "./file-bytes.ts";
import { type NarrowedLayer, narrowLayers } from "./narrow-layers.ts";
import { isInt8, layersOf, layerTable, packLayer } from "./pack-layers.ts";
import { copyOf, packTable, tableOf } from "./pack-tables.ts";

export interface PackedTable {
  readonly name: string;
  readonly encoding: string;
  readonly bytes: { readonly before: number; readonly after: number };
  /** Why passes left it as it was. */
  readonly refused?: string;
  /** What to know of it. */
  readonly note?: string;
}

/** A step over layers: a layer pass, or a pass over their weights as tables. */
export type LayerStep = { readonly pass: PassStep["pass"] | LayerPass; readonly options: unknown };

/** Steps as manifests name them. */
export const saidOf = ({ tables, layers }: Steps) => ({
  passes: tables.map(saidStep),
  ...(layers.length > 0 && { layers: layers.map(saidStep) }),
});

const saidStep = ({ pass, options }: LayerStep) => ({ use: pass.name, ...(options as object) });

/** What manifests say of tables of which some were packed. */
export const saidTables = (tables: readonly ForeignTable[], packed: readonly PackedTable[]): ForeignTable[] =>
  tables.map((one) => {
    const own = packed.find(({ name, refused }) => name === one.name && refused === undefined);
    return own ? { ...one, encoding: own.encoding } : one;
  });

/** What passes work with. */
export interface Around {
  readonly kernels: Kernels;
  /** For layer passes. */
  readonly observe: LayerContext["observe"];
  /** Whether `observe` looks at rows that somebody gave. */
  readonly rowsGiven: boolean;
}

export interface Steps {
  readonly tables: readonly PassStep[];
  /** Over dense layers; without any they stay float32. */
  readonly layers: readonly LayerStep[];
}

export interface Packing extends Steps {
  /** The share of hidden neurons that goes first; none without. */
  readonly neurons?: number | undefined;
}

/** Packs `graph` in place; where no pass changes anything it is a UserError with the reason. */
export async function packGraph(
  graph: Graph,
  known: readonly { readonly name: string; readonly encoding?: string }[],
  { neurons, tables: steps, layers: layerSteps }: Packing,
  around: Around,
): Promise<{ narrowed: NarrowedLayer[]; tables: PackedTable[]; layers: PackedTable[] }> {
  const narrowed = neurons === undefined ? [] : narrowLayers(graph, neurons);
  if (neurons !== undefined && narrowed.length === 0)
    throw new UserError(
      neurons > 0
        ? "no hidden layer can lose neurons: none lies between two products of its own weights."
        : "every neuron of its hidden layers matters to some answer; give a share above 0 to take some out.",
    );
  const tables: PackedTable[] = [];
  if (steps.length > 0)
    for (const { name, encoding } of known)
      tables.push(await packedTable(graph, name, encoding, steps, around.kernels));
  const layers = await packedLayers(graph, layerSteps, around);
  const all = [...tables, ...layers];
  if (narrowed.length > 0 || all.some(({ refused }) => refused === undefined)) return { narrowed, tables, layers };
  const why = all.map((one) => `${one.name}: ${one.refused}`).join("; ");
  const what = [...(steps.length > 0 ? ["no table"] : []), ...(layerSteps.length > 0 ? ["no layer"] : [])];
  throw new UserError(`${what.join(" and ")} became smaller (${why || "it has none"}).`);
}

/** Runs the steps over the dense layers, in place; each layer once, with what was done to it in all. */
async function packedLayers(graph: Graph, steps: readonly LayerStep[], around: Around): Promise<PackedTable[]> {
  const layers = new Map<string, PackedTable>();
  for (let at = 0; at < steps.length; ) {
    const { pass, options } = steps[at]!;
    if (pass.kind === "layer-pass") {
      for (const change of await changedLayers(graph, pass, options, at, around)) add(layers, change);
      at++;
      continue;
    }
    const chain = steps.slice(at).findIndex((step) => step.pass.kind === "layer-pass");
    const end = chain < 0 ? steps.length : at + chain;
    const own = steps.slice(at, end) as readonly PassStep[];
    for (const layer of layersOf(graph)) {
      const place = { graph, put: packLayer, sparse: true, int8: isInt8(graph, layer) };
      add(layers, await packed(layerTable(graph, layer), layer, { steps: own, first: at }, around.kernels, place));
    }
    at = end;
  }
  return [...layers.values()];
}

/** Runs a layer pass; each layer that changed has an equal part of what the pass's nodes weigh. */
async function changedLayers(
  graph: Graph,
  pass: LayerPass,
  given: unknown,
  at: number,
  { kernels, observe, rowsGiven }: Around,
): Promise<PackedTable[]> {
  const where = `layers[${at}] (${pass.name})`;
  const options = parseOptions(pass.options, given, where);
  if (pass.needsRows(options) && !rowsGiven)
    throw new UserError(`${where}: it learns from rows what layers meet; give some by --rows.`);
  const rng = createRng("compress").fork(`layers/${at}`);
  const was = fileBytes(graph);
  const changes = (await pass.apply(graph, options, { kernels, rng, observe })).map((one) => said(graph, one));
  const done = changes.filter(({ refused }) => refused === undefined);
  const nodes = fileBytes(graph) - was + done.reduce((sum, { bytes }) => sum + bytes.before - bytes.after, 0);
  return changes.map((one) =>
    one.refused === undefined
      ? { ...one, bytes: { ...one.bytes, after: one.bytes.after + Math.round(nodes / done.length) } }
      : one,
  );
}

function said(graph: Graph, change: LayerChange): PackedTable {
  const { name } = change;
  if (!("refused" in change)) {
    const { encoding, bytes, note } = change;
    return { name, encoding, bytes, ...(note && { note }) };
  }
  const bytes = graph.initializers.get(name)?.data.byteLength ?? 0;
  return { name, encoding: "f32", bytes: { before: bytes, after: bytes }, refused: change.refused };
}

/** What was done to layers by one packing and then by another. */
export function together(before: readonly PackedTable[], now: readonly PackedTable[]): PackedTable[] {
  const layers = new Map<string, PackedTable>();
  for (const one of [...before, ...now]) add(layers, one);
  return [...layers.values()];
}

/** What was done to a layer before and now; a refusal says nothing where something was done. */
function add(layers: Map<string, PackedTable>, now: PackedTable): void {
  const before = layers.get(now.name);
  if (!before || before.refused !== undefined) layers.set(now.name, now);
  else if (now.refused === undefined)
    layers.set(now.name, {
      ...{ ...before, ...now },
      encoding: `${before.encoding}; ${now.encoding}`,
      bytes: { before: before.bytes.before, after: now.bytes.after },
    });
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
  return packed(given, name, { steps, first: 0 }, kernels, { graph, put: packTable, sparse: false, int8: false });
}

export interface Place {
  readonly graph: Graph;
  put(graph: Graph, name: string, table: Table): void;
  /** Whether a sparse table may stand there. */
  readonly sparse: boolean;
  /** Whether its numbers are in 8 bits, which must stay what they are. */
  readonly int8: boolean;
}

/**
 * Runs the passes over numbers of the graph and puts what they make in their place, where the file gets smaller: codes
 * that a table of its own entropy-codes stand there as they are, and the nodes that unpack them count.
 */
export async function packed(
  given: Table | { readonly refused: string },
  name: string,
  { steps, first }: { readonly steps: readonly PassStep[]; readonly first: number },
  kernels: Kernels,
  { graph, put, sparse, int8 }: Place,
): Promise<PackedTable> {
  if ("refused" in given) return { name, encoding: "", bytes: { before: 0, after: 0 }, refused: given.refused };
  let table = given;
  let refused: string | undefined;
  for (const [own, { pass, options }] of steps.entries()) {
    const i = first + own;
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
    else if (encoded.encoding === "sparse" && !sparse) refused = "ONNX Runtime has no sparse tables";
    else table = encoded;
  }
  const before = int8 ? given.rows * given.cols : tableBytes(given);
  const unchanged = { name, encoding: int8 ? "int8" : "f32", bytes: { before, after: before } };
  if (table === given) return { ...unchanged, refused: refused ?? "no pass changed it" };
  if (int8 && !sameNumbers(given, table)) return { ...unchanged, refused: "its 8-bit numbers would change" };
  const was = copyOf(graph);
  put(graph, name, table);
  const after = before + fileBytes(graph) - fileBytes(was);
  if (after >= before) {
    Object.assign(graph, was);
    return { ...unchanged, refused: `it would not shrink: ${formatBytes(before)} to ${formatBytes(after)}` };
  }
  const encoding = table.values ? `${table.encoding} ${table.values.encoding}` : table.encoding;
  return { name, encoding, bytes: { before, after } };
}

function sameNumbers(a: Table, b: Table): boolean {
  const numbers = decodeTable(b);
  return decodeTable(a).every((x, i) => x === numbers[i]);
}
