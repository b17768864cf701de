// The fields of a graph: the columns of its rows. Without one its input is narrower, its rows leave the tables (their own
// table goes with what reads it; a shared one loses the rows that are the field's alone), and so do its columns of the
// weights behind.

import type { ForeignInput } from "../../../artifact/foreign.ts";
import { UserError } from "../../../base/errors.ts";
import { columnKinds, openColumns } from "../../../data/columns/columns.ts";
import { type Gone, mask, sliceTensor } from "../../../graph/cut/gone.ts";
import type { Graph, GraphNode } from "../../../graph/graph.ts";
import { intAttribute } from "../../../graph/infer/rule.ts";
import type { RunTensor } from "../../../graph/runtime.ts";
import { elements, type GraphTensor } from "../../../graph/tensor.ts";
import { type Uses, usesOf } from "../../../graph/uses.ts";
import type { Feeds, Field, Part, Whole } from "./part.ts";

/** Every field that a row has, in order. */
export function fieldsOf({ manifest, columns }: Whole): Part[] {
  const fields = columns ? fittedFields(columns) : manifest.inputs.flatMap(inputFields);
  const width = new Map(manifest.inputs.map(({ name, shape }) => [name, Number(shape[1] ?? 1)]));
  return fields.map(({ name, ...field }) => ({
    ...{ name, group: "fields", moves: true, field },
    gone: new Map(
      field.fills.map(({ input, positions }): [string, Gone] => [
        input,
        positions && positions.length < width.get(input)! ? new Map([[1, mask(width.get(input)!, positions)]]) : "all",
      ]),
    ),
  }));
}

type Named = Field & { readonly name: string };

function fittedFields({ fitted, inputs }: NonNullable<Whole["columns"]>): Named[] {
  let [ids, numbers] = [0, 0];
  return fitted.map((entry, at): Named => {
    const name = entry.name ?? entry.column;
    const { shape, ...encoder } = columnKinds[entry.kind].encoder(entry, `column "${name}"`);
    if (shape === "id") {
      const { first, rows: count } = inputs.places[ids]!;
      return { name, fitted: at, fills: [{ input: "ids", positions: [ids++] }], rows: { first, count } };
    }
    if (shape === "numbers") {
      const width = "width" in encoder ? encoder.width : 1;
      const positions = Array.from({ length: width }, () => numbers++);
      return { name, fitted: at, fills: [{ input: "numeric", positions }] };
    }
    const own = shape === "dense" ? [`dense.${name}`] : [`bag.${name}`, `bag.${name}.mask`];
    return { name, fitted: at, fills: own.map((input) => ({ input })) };
  });
}

const roles = new Set(["category", "categories", "numeric"]);

function inputFields({ name: input, role, shape, columns }: ForeignInput): Named[] {
  const width = shape.length === 1 ? 1 : shape.length === 2 ? shape[1] : undefined;
  if (!roles.has(role) || columns.length !== width) return [];
  if (width === 1) return [{ name: columns[0]!, fills: [{ input }] }];
  return columns.map((name, at) => ({ name, fills: [{ input, positions: [at] }] }));
}

/** By input what it keeps: positions of axis 1, and how much less the numbers there are. */
interface Kept {
  readonly positions: readonly number[];
  readonly less: readonly number[];
}

/** The whole without these fields, as far as rows of tables and the columns of a row go; `graph` is edited in place. */
export function dropFields(graph: Graph, { manifest, columns }: Whole, parts: readonly Part[]) {
  const fields = parts.flatMap(({ field }) => field ?? []);
  const lost = new Map<string, Set<number> | "all">();
  for (const { input, positions } of fields.flatMap(({ fills }) => fills)) {
    const before = lost.get(input);
    if (!positions || before === "all") lost.set(input, "all");
    else lost.set(input, new Set([...(before ?? []), ...positions]));
  }
  const shifts = columns ? sharedRows(graph, columns.inputs, fields) : [];
  if (!columns) for (const [input, own] of lost) if (own !== "all") offsetRows(graph, input, own);
  const kept = new Map(
    manifest.inputs.map(({ name, shape, columns: names }): [string, Kept] => {
      const own = lost.get(name) ?? new Set<number>();
      const width = shape.length > 1 ? Number(shape[1]) : 1;
      const all = Array.from({ length: Number.isFinite(width) ? width : names.length }, (_, at) => at);
      const positions = own === "all" ? [] : all.filter((at) => !own.has(at));
      return [name, { positions, less: name === "ids" ? positions.map((at) => shifts[at] ?? 0) : [] }];
    }),
  );
  const gone = new Set(fields.flatMap(({ fitted }) => fitted ?? []));
  const left = columns?.fitted.filter((_, at) => !gone.has(at));
  return {
    inputs: manifest.inputs.flatMap((input) =>
      inputLeft(input, lost.get(input.name), kept.get(input.name)!, columns && { columns, gone }),
    ),
    ...(left && { columns: left.length > 0 ? openColumns(left, "columns") : undefined }),
    adapt: (feeds: Feeds): Feeds =>
      Object.fromEntries(
        Object.entries(feeds).flatMap(([name, tensor]) => {
          const own = lost.get(name);
          if (own === "all" || kept.get(name)?.positions.length === 0) return [];
          const { positions, less } = kept.get(name) ?? { positions: [], less: [] };
          return [[name, own || less.some((x) => x > 0) ? narrowFeed(tensor, positions, less) : tensor]];
        }),
      ),
  };
}

function inputLeft(
  input: ForeignInput,
  lost: ReadonlySet<number> | "all" | undefined,
  { positions }: Kept,
  ours: { readonly columns: NonNullable<Whole["columns"]>; readonly gone: ReadonlySet<number> } | undefined,
): ForeignInput[] {
  if (lost === undefined) return [input];
  if (lost === "all" || positions.length === 0) return [];
  const away = new Set([...(ours?.gone ?? [])].map((at) => ours!.columns.fitted[at]!.column));
  const columns = ours ? input.columns.filter((name) => !away.has(name)) : positions.map((at) => input.columns[at]!);
  return [{ ...input, columns, shape: input.shape.with(1, positions.length) }];
}

function narrowFeed(
  { dtype, dims, data }: RunTensor,
  positions: readonly number[],
  less: readonly number[],
): RunTensor {
  const [rows = 0, width = 1] = dims;
  const inner = elements(dims.slice(2));
  const out = data.slice(0, rows * positions.length * inner);
  let to = 0;
  for (let r = 0; r < rows; r++) {
    for (const [k, at] of positions.entries()) {
      for (let i = 0; i < inner; i++) {
        const x = data[(r * width + at) * inner + i]!;
        out[to++] = typeof x === "bigint" ? x - BigInt(less[k] ?? 0) : x - (less[k] ?? 0);
      }
    }
  }
  return { dtype, dims: [rows, positions.length, ...dims.slice(2)], data: out };
}

/**
 * Takes the rows of fields out of tables that all fields share by numbers that run through (our networks), and says by
 * position how many rows fewer lie before the field's own.
 */
function sharedRows(
  graph: Graph,
  { places }: NonNullable<Whole["columns"]>["inputs"],
  fields: readonly Field[],
): number[] {
  const lost = fields.flatMap(({ rows }) => rows ?? []);
  const shifts = places.map(({ first }) => lost.reduce((n, one) => n + (one.first < first ? one.count : 0), 0));
  if (lost.length === 0) return shifts;
  const total = places.reduce((n, { rows }) => n + rows, 0);
  const gone = mask(
    total,
    lost.flatMap(({ first, count }) => Array.from({ length: count }, (_, i) => first + i)),
  );
  const uses = usesOf(graph);
  const tables = new Set<string>();
  for (const reader of uses.readers("ids")) {
    const table = pickedWhole(uses, reader, "ids");
    const at = columnOf(uses, reader);
    if (table !== undefined && graph.initializers.get(table)!.dims[0] === total) tables.add(table);
    else if (at !== undefined && shifts[at] !== undefined) shiftFirst(uses, reader, shifts[at]);
    else
      throw new UserError(
        `${reader.op} ${reader.name}: it reads the numbers of all fields in a way that is not known.`,
      );
  }
  for (const name of tables)
    graph.initializers.set(name, sliceTensor(graph.initializers.get(name)!, new Map([[0, gone]])));
  return shifts;
}

/** The constant whose rows `reader` picks by `ids`, if only such picking reads it. */
function pickedWhole({ graph, readers, isOutput }: Uses, reader: GraphNode, ids: string): string | undefined {
  const [table = "", by] = reader.inputs;
  const alone = readers(table).every(
    ({ op, inputs, attributes }) => op === "Gather" && inputs[1] === ids && (attributes["axis"] ?? 0) === 0,
  );
  return by === ids && graph.initializers.has(table) && alone && !isOutput(table) ? table : undefined;
}

/** The column that a Slice of a single one takes. */
function columnOf({ constant }: Uses, { op, inputs }: GraphNode): number | undefined {
  const [start, end, axis, step] = inputs.slice(1).map((name) => constant(name)?.data);
  const one = (x: GraphTensor["data"] | undefined) => (x?.length === 1 ? Number(x[0]) : undefined);
  if (op !== "Slice" || one(axis) !== 1 || (step && one(step) !== 1)) return undefined;
  const at = one(start);
  return at !== undefined && one(end) === at + 1 ? at : undefined;
}

/** A field with a table of its own reads it by its number less that of its first row. */
function shiftFirst(uses: Uses, slice: GraphNode, shift: number): void {
  if (shift === 0) return;
  for (const node of uses.readers(slice.outputs[0]!)) {
    const first = node.op === "Sub" ? uses.constant(node.inputs[1]!) : undefined;
    if (first?.dtype !== "int64")
      throw new UserError(`${node.op} ${node.name}: it reads the number of a field as it is.`);
    const name = uses.unique(node.inputs[1]!);
    const data = (first.data as BigInt64Array).map((x) => x - BigInt(shift));
    uses.graph.initializers.set(name, { ...first, data });
    node.inputs = [node.inputs[0]!, name];
  }
}

// Tables that fields share by constants added to their numbers: field f has rows [offset_f, the next larger offset).
/** Takes the rows of the lost fields out of such tables, where nothing else reads them. */
function offsetRows(graph: Graph, input: string, lost: ReadonlySet<number>): void {
  const uses = usesOf(graph);
  for (const add of uses.readers(input)) {
    const other = add.inputs.find((name) => name !== input) ?? "";
    const tensor = uses.constant(other);
    const ids = add.outputs[0]!;
    if (add.op !== "Add" || tensor?.dtype !== "int64" || uses.isOutput(ids)) continue;
    const offsets = Array.from(tensor.data as BigInt64Array, Number);
    const pickers = uses.readers(ids);
    const tables = [...new Set(pickers.map((reader) => pickedWhole(uses, reader, ids)))];
    const sizes = tables.map((name) => graph.initializers.get(name ?? "")?.dims[0]);
    const rows = sizes[0];
    const fits = offsets.every((x) => x >= 0 && x < (rows ?? 0)) && Math.max(...lost) < offsets.length;
    if (rows === undefined || sizes.some((size) => size !== rows) || !fits) continue;
    if (pickers.some((node) => intAttribute(node, "axis", 0) !== 0)) continue;
    const end = (f: number) => Math.min(rows, ...offsets.filter((x) => x > offsets[f]!));
    const gone = new Uint8Array(rows);
    for (const f of lost) {
      const shared = offsets.some((x, g) => g !== f && !lost.has(g) && x === offsets[f]);
      if (!shared) gone.fill(1, offsets[f]!, end(f));
    }
    const before = (x: number) => gone.subarray(0, x).reduce((n, one) => n + one, 0);
    const name = uses.unique(other);
    const data = BigInt64Array.from(offsets, (x, f) => BigInt(lost.has(f) ? 0 : x - before(x)));
    graph.initializers.set(name, { ...tensor, data });
    add.inputs = add.inputs.map((one) => (one === other ? name : one));
    for (const table of tables)
      graph.initializers.set(table!, sliceTensor(graph.initializers.get(table!)!, new Map([[0, gone]])));
  }
}
