// Rows of a table as feeds of a graph: columns become its inputs, checked against its tables, since a runtime would take
// a number out of range for an error of its own, and a negative one for a row from the end.

import type { ForeignArtifact, ForeignInput } from "../artifact/foreign.ts";
import { UserError } from "../base/errors.ts";
import type { Rng } from "../base/rng.ts";
import type { Columns } from "../data/columns/columns.ts";
import { batches } from "../data/examples.ts";
import { asLists, asNumbers, asWords, columnOf, type RawTable } from "../data/raw-table.ts";
import type { RunTensor } from "../graph/runtime.ts";
import type { RowMapping } from "../kinds/reader.ts";
import { columnsToRead } from "./clicks/score-network.ts";
import { tensorOf } from "./sample-feeds.ts";

/** Rows that can be fed. */
export interface RowFeeds {
  readonly n: number;
  /** How many rows a run takes, where the graph leaves no choice. */
  readonly fixed: number | undefined;
  /**
   * Feeds of at most `batch` rows each, shuffled by `rng` or in order, and which rows they are. A graph of a fixed size
   * gets zeros behind the last row.
   */
  batches(options: { batch: number; rng?: Rng }): Iterable<RowBatch>;
}

export interface RowBatch {
  readonly rows: Uint32Array;
  readonly feeds: Readonly<Record<string, RunTensor>>;
}

/** The columns that `artifact` reads, and how; `from` says what one is called in the file. */
export function wantedColumns(
  { manifest, userIds, itemIds, columns }: ForeignArtifact,
  from: Readonly<Record<string, string>>,
): RowMapping["columns"] {
  if (columns) return columnsToRead(columns, from);
  return manifest.inputs.flatMap((input) =>
    input.columns.map((name) => {
      const ids = idsFor(input, userIds, itemIds);
      const as = isList(input) ? "lists" : ids ? "words" : "numbers";
      return { name, from: from[name] ?? name, as } as const;
    }),
  );
}

/** The rows of `table` for the inputs of `artifact`; a number that the graph has no row for is a UserError. */
export function rowFeeds(artifact: ForeignArtifact, table: RawTable): RowFeeds {
  if (artifact.columns) return fittedFeeds(artifact.columns, table);
  const { inputs } = artifact.manifest;
  const filled = inputs.map((input) => [input, valuesOf(artifact, input, table)] as const);
  const fixed = inputs.map(({ shape }) => shape[0]).find((d) => typeof d === "number");
  return {
    ...{ n: table.n, fixed },
    *batches({ batch, rng }) {
      const order = Uint32Array.from({ length: table.n }, (_, row) => row);
      rng?.shuffle(order);
      const most = fixed ?? batch;
      for (let at = 0; at < order.length; at += most) {
        const rows = order.subarray(at, at + most);
        const size = fixed ?? rows.length;
        yield {
          rows,
          feeds: Object.fromEntries(filled.map(([input, own]) => [input.name, feed(input, own, rows, size)])),
        };
      }
    },
  };
}

/** The rows as a network's fitted columns encode them. */
function fittedFeeds(columns: Columns, table: RawTable): RowFeeds {
  const examples = { ...columns.encode(table), label: new Float32Array(table.n) };
  return {
    ...{ n: table.n, fixed: undefined },
    *batches(options) {
      for (const { rows, feeds } of batches(examples, options)) {
        const { label: _, ...inputs } = feeds;
        yield { rows, feeds: inputs };
      }
    },
  };
}

const isList = ({ columns, shape }: ForeignInput) => columns.length === 1 && shape.slice(1).some((d) => d !== 1);

const idsFor = ({ role }: ForeignInput, users: readonly string[] | undefined, items: readonly string[] | undefined) =>
  role === "user" ? users : role === "item" || role === "sequence" ? items : undefined;

interface Filled {
  readonly width: number;
  /** Row-major, `width` a row. */
  readonly values: Float64Array;
}

/** An input's numbers for all rows. */
function valuesOf(artifact: ForeignArtifact, input: ForeignInput, table: RawTable): Filled {
  const width = input.columns.length;
  const filled = isList(input)
    ? listValues(artifact, input, table)
    : { width, values: new Float64Array(table.n * width) };
  if (!isList(input)) {
    for (const [c, name] of input.columns.entries()) {
      const column = numbersOf(artifact, input, table, name);
      for (let r = 0; r < table.n; r++) filled.values[r * width + c] = column[r]!;
    }
  }
  checkValues(artifact, input, filled);
  return filled;
}

function numbersOf(
  { userIds, itemIds }: ForeignArtifact,
  input: ForeignInput,
  table: RawTable,
  name: string,
): Float64Array {
  const where = `input "${input.name}"`;
  const ids = idsFor(input, userIds, itemIds);
  const column = columnOf(table, name, where);
  if (!ids) return asNumbers(column, `column "${name}"`);
  const { words, code } = asWords(column, `column "${name}"`);
  const rows = rowsOf(words, ids, `column "${name}"`);
  return Float64Array.from(code, (c) => (c < 0 ? Number.NaN : rows[c]!));
}

function listValues({ userIds, itemIds }: ForeignArtifact, input: ForeignInput, table: RawTable): Filled {
  const [name = ""] = input.columns;
  const where = `column "${name}"`;
  const { start, of } = asLists(columnOf(table, name, `input "${input.name}"`), " ");
  const ids = idsFor(input, userIds, itemIds);
  const all = ids ? wordsToRows(of, ids, where) : asNumbers(of, where);
  const [, free] = input.shape;
  const width = typeof free === "number" ? free : start[1]! - start[0]!;
  for (let r = 0; r < table.n; r++) {
    const length = start[r + 1]! - start[r]!;
    if (length !== width)
      throw new UserError(
        `row ${r + 1}: ${where} must be a list of ${width}, got ${length}; pad it as the model was trained to be padded.`,
      );
  }
  return { width, values: all };
}

function wordsToRows(of: Parameters<typeof asWords>[0], ids: readonly string[], where: string): Float64Array {
  const { words, code } = asWords(of, where);
  const rows = rowsOf(words, ids, where);
  return Float64Array.from(code, (c) => (c < 0 ? Number.NaN : rows[c]!));
}

function rowsOf(words: readonly string[], ids: readonly string[], where: string): number[] {
  const at = new Map(ids.map((id, row) => [id, row]));
  return words.map((word) => {
    const row = at.get(word);
    if (row === undefined) throw new UserError(`${where}: the model knows no "${word}"; leave the row out.`);
    return row;
  });
}

/** Refuses what is missing, not whole where it must be, or beyond the rows of the table that it picks from. */
function checkValues({ manifest }: ForeignArtifact, input: ForeignInput, { width, values }: Filled): void {
  const whole = /int|bool/.test(input.dtype);
  const most = Array.from({ length: width }, (_, c) => limitOf(manifest.tables, input.name, c));
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const limit = most[i % width]!;
    const good = whole ? Number.isInteger(value) && value >= 0 && value < limit : Number.isFinite(value);
    if (good) continue;
    const name = input.columns[i % width] ?? input.columns[0];
    const need = !whole ? "a number" : limit < 2 ** 53 ? `a whole number from 0 to ${limit - 1}` : "a whole number";
    const got = Number.isNaN(value) ? "nothing" : String(value);
    throw new UserError(
      `row ${Math.floor(i / width) + 1}: column "${name}" must be ${need}, got ${got}; correct the row or leave it out.`,
    );
  }
}

/** Rows of the smallest table that the column alone picks from. */
function limitOf(tables: ForeignArtifact["manifest"]["tables"], input: string, column: number): number {
  const rows = tables.flatMap((table) =>
    table.pickers.some(
      (p) => p.input === input && !p.offset && !p.computed && (p.column === undefined || p.column === column),
    )
      ? [table.rows]
      : [],
  );
  return Math.min(2 ** 53, ...rows);
}

function feed({ dtype, shape }: ForeignInput, { width, values }: Filled, rows: Uint32Array, size: number): RunTensor {
  const dims = shape.length === 1 ? [size] : [size, width, ...shape.slice(2).map(() => 1)];
  const picked = new Array<number>(size * width).fill(0);
  for (const [r, row] of rows.entries()) {
    for (let c = 0; c < width; c++) picked[r * width + c] = values[row * width + c]!;
  }
  return tensorOf(dtype, dims, picked);
}
