// Scores rows of a table with an imported graph: columns become the graph's inputs, checked against its tables, since
// a runtime would take a number out of range for an error of its own, and a negative one for a row from the end.

import type { ForeignArtifact, ForeignInput } from "../artifact/foreign.ts";
import { UserError } from "../base/errors.ts";
import { asLists, asNumbers, asWords, columnOf, type RawTable } from "../data/raw-table.ts";
import type { RunTensor, Runtime, Session } from "../graph/runtime.ts";
import type { RowMapping } from "../kinds/reader.ts";
import { encodeOnnx } from "../onnx/encode.ts";
import { tensorOf } from "./sample-feeds.ts";

/** Rows of one run. */
const batch = 1024;

export interface ScoredRows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** The columns that `artifact` reads, and how; `from` says what one is called in the file. */
export function wantedColumns(
  { manifest, userIds, itemIds }: ForeignArtifact,
  from: Readonly<Record<string, string>>,
): RowMapping["columns"] {
  return manifest.inputs.flatMap((input) =>
    input.columns.map((name) => {
      const ids = idsFor(input, userIds, itemIds);
      const as = isList(input) ? "lists" : ids ? "words" : "numbers";
      return { name, from: from[name] ?? name, as } as const;
    }),
  );
}

/** What the graph says of every row: its first output, or the k best items where that is one score an item. */
export async function scoreRows(
  artifact: ForeignArtifact,
  table: RawTable,
  k: number,
  runtime: Runtime,
  progress?: (done: number, total: number) => void,
): Promise<ScoredRows> {
  const { manifest, itemIds } = artifact;
  const [output] = manifest.outputs;
  if (!output) throw new UserError(`${manifest.name}: the graph has no output; import it again.`);
  const fill = manifest.inputs.map((input) => [input, valuesOf(artifact, input, table)] as const);
  const session = await runtime.open(encodeOnnx(artifact.graph));
  const rows: (string | number)[][] = [];
  let width = 1;
  try {
    const fixed = manifest.inputs.map(({ shape }) => shape[0]).find((d) => typeof d === "number");
    for (let start = 0, n = 0; start < table.n; start += n) {
      const size = fixed ?? Math.min(batch, table.n - start);
      n = Math.min(size, table.n - start);
      const feeds = fill.map(([input, filled]) => [input.name, feed(input, filled, start, size)]);
      const { data } = (await runOn(session, Object.fromEntries(feeds), `rows ${start + 1} to ${start + n}`))[
        output.name
      ]!;
      width = data.length / size;
      for (let r = 0; r < n; r++) {
        // Seven digits are what a float32 holds.
        const row = Array.from(data.subarray(r * width, (r + 1) * width) as Float32Array, (x) =>
          Number(Number(x).toPrecision(7)),
        );
        if (output.role !== "scores") rows.push([start + r, ...row]);
        else
          for (const [rank, j] of best(row, k).entries()) rows.push([start + r, rank + 1, itemIds?.[j] ?? j, row[j]!]);
      }
      progress?.(start + n, table.n);
    }
  } finally {
    await session.close();
  }
  const names = width === 1 ? [output.name] : Array.from({ length: width }, (_, c) => `${output.name}_${c}`);
  return { columns: output.role === "scores" ? ["row", "rank", "item", output.name] : ["row", ...names], rows };
}

/** Runs the graph on rows made from outside; what the runtime refuses is about them. */
export async function runOn(
  session: Session,
  feeds: Readonly<Record<string, RunTensor>>,
  what: string,
): Promise<Record<string, RunTensor>> {
  try {
    return await session.run(feeds);
  } catch (error) {
    throw new UserError(`${what}: ONNX Runtime refuses them: ${(error as Error).message.split("\n")[0]}`);
  }
}

/** Positions of the k largest, largest first; equal ones in order. */
const best = (row: readonly number[], k: number): number[] =>
  [...row.keys()].sort((a, b) => row[b]! - row[a]! || a - b).slice(0, k);

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

/** `n` rows from `start` on; behind the table's last one, where a graph takes no fewer, zeros. */
function feed({ dtype, shape }: ForeignInput, { width, values }: Filled, start: number, n: number): RunTensor {
  const dims = shape.length === 1 ? [n] : [n, width, ...shape.slice(2).map(() => 1)];
  return tensorOf(
    dtype,
    dims,
    Array.from({ length: n * width }, (_, i) => values[start * width + i] ?? 0),
  );
}
