// clicklog: reads the log and encodes it by its columns. Always read anew, never kept: what comes after is keyed by the
// fingerprint of what was read, so a changed file can never be mistaken for the old one.

import { suggest, UserError } from "../../base/errors.ts";
import { createRng, type Rng } from "../../base/rng.ts";
import { type Slice, type SliceOptions, sliceOptions, slicesOf } from "../../data/click-metrics/slices.ts";
import type { ColumnOptions } from "../../data/columns/columns.ts";
import type { Examples } from "../../data/examples.ts";
import { tableFingerprint } from "../../data/fingerprint.ts";
import { holdOut } from "../../data/holdout.ts";
import { type PreparedExamples, prepareExamples } from "../../data/labelled.ts";
import { columnOf, type RawTable, takeRows } from "../../data/raw-table.ts";
import { type Recombination, recombine } from "../../data/recombine.ts";
import type { ClickLog } from "../../kinds/clicklog.ts";
import { registry } from "../registry.ts";
import { stageKey } from "../stage.ts";
import type { Surroundings } from "../surroundings.ts";
import type { ClickRecipe, NetworkStep } from "./recipe.ts";

export interface Clicks extends PreparedExamples {
  readonly name: string;
  /** Of the table and its parts. */
  readonly fingerprint: string;
  /** Names the encoded examples: table, parts, target and columns. */
  readonly key: string;
  /** How many training rows were held back to stop on, where the log has no validation part. */
  readonly heldBack: number;
  /** Of the part that the recipe evaluates. */
  readonly slices: readonly Slice[];
  /** Slices that are not measured, by reason. */
  readonly slicesLeftOut: Readonly<Record<string, number>>;
  /** Names the columns that slices follow from. */
  readonly slicesKey: string;
  /** The same rows by the columns that a network reads, for the key, the columns and the examples. */
  seenBy(network: Pick<NetworkStep, "columns">): Clicks;
  /** Made-up rows without labels, from those of train: the same ones by whatever columns they are seen. */
  madeUp(how: Recombination): MadeUp;
}

export interface MadeUp {
  /** Names the rows. */
  readonly key: string;
  readonly rows: Omit<Examples, "label">;
}

const version = 1;
const validationShare = 0.1;

/** The log as it was read, with a validation part; columns of its own for the rows that slices follow from. */
export interface DividedLog extends ClickLog {
  readonly heldBack: number;
  /** Of the table and its parts. */
  readonly fingerprint: string;
}

/** Reads the recipe's log and divides its rows. */
export async function readLog(recipe: ClickRecipe, { read }: Pick<Surroundings, "read">): Promise<DividedLog> {
  const { use, ...options } = recipe.clicklog;
  const rng = createRng(recipe.seed).fork("clicklog");
  const beside = recipe.evaluate.slices?.map(({ column }) => column) ?? [];
  const log = await registry.find("clicklog", use, "clicklog").load(options, { read, rng, beside });
  const divided = withValidation(log, rng.fork("validation"));
  return { ...log, ...divided, fingerprint: tableFingerprint(log.table, divided.part) };
}

/** The log's three parts as examples; what the columns learn they learn from the training rows that are left. */
export async function readClicks(recipe: ClickRecipe, { read, progress }: Surroundings): Promise<Clicks> {
  const { use } = recipe.clicklog;
  const task = progress.start(`click log ${use}`);
  const log = await readLog(recipe, { read });
  const { heldBack, fingerprint } = log;
  const columns: readonly ColumnOptions[] = recipe.columns ?? log.columns;
  const prepared = prepareExamples(log, columns);
  const measured = prepared[recipe.evaluate.part];
  if (measured.n === 0)
    throw new UserError(
      `evaluate.part is "${recipe.evaluate.part}", but ${use} has no such part here; give a share of the rows to it.`,
    );
  refuseOneClass(prepared.train, "train");
  refuseOneClass(prepared.validation, "validation");
  if (recipe.train.metric === "gauc" && !prepared.validation.group)
    throw new UserError("train.metric is gauc, but no column says whose rows they are; name a group or stop on auc.");
  const keyOf = (read: readonly ColumnOptions[]) =>
    stageKey({
      ...{ stage: "examples", version, options: { columns: read, target: log.target }, inputs: [fingerprint] },
    });
  const sliced = sliceLog(log, recipe.evaluate);
  const rng = createRng(recipe.seed).fork("made-up rows");
  const madeUp = (prepared: PreparedExamples, key: string) => (how: Recombination) => ({
    key: stageKey({ stage: "made-up rows", version, options: { ...how, seed: recipe.seed }, inputs: [key] }),
    rows: prepared.columns.encode(recombine(trainOf(log), how, rng)),
  });
  const views = new Map<string, Clicks>();
  const clicks: Clicks = {
    ...{ ...prepared, name: use, fingerprint, key: keyOf(columns), heldBack, ...sliced },
    madeUp: madeUp(prepared, keyOf(columns)),
    seenBy({ columns: names }) {
      if (!names) return clicks;
      const read = columns.filter((column) => names.includes(nameOf(column)));
      const key = keyOf(read);
      const known = views.get(key);
      if (known) return known;
      const own = prepareExamples(log, read);
      const view = { ...clicks, ...own, key, madeUp: madeUp(own, key) };
      views.set(key, view);
      return view;
    },
  };
  checkNames(recipe.networks, columns);
  task.end();
  return clicks;
}

/** The rows that are learnt from, as they were read. */
const trainOf = ({ table, part }: ClickLog): RawTable =>
  takeRows(
    table,
    Uint32Array.from({ length: table.n }, (_, r) => r).filter((r) => part[r] === 0),
  );

const nameOf = ({ name, column }: ColumnOptions): string => name ?? column;

/** Throws where a network is to read a column that the log does not give. */
function checkNames(networks: readonly NetworkStep[], columns: readonly ColumnOptions[]): void {
  const known = columns.map(nameOf);
  for (const { name, columns: read = [] } of networks) {
    const strange = read.find((one) => !known.includes(one));
    if (strange === undefined) continue;
    throw new UserError(
      `network ${name}: columns: there is no column "${strange}" to read. ${suggest(strange, known)}`,
    );
  }
}

/** The slices asked for, or those that any log has: users by their rows in train, items by popularity. */
export function sliceLog(
  { table, beside = new Map(), target, part }: ClickLog,
  { slices: wanted, part: measured }: ClickRecipe["evaluate"],
): Pick<Clicks, "slices" | "slicesLeftOut" | "slicesKey"> {
  const all: RawTable = { n: table.n, columns: new Map([...table.columns, ...beside]) };
  const usual = (column: string | undefined, by: SliceOptions["by"]) =>
    column !== undefined && all.columns.has(column) ? [sliceOptions.parse({ column, by })] : [];
  const options = wanted ?? [...usual(target.group, "cold"), ...usual("item", "popularity")];
  const found = options.map((option, i) => {
    const raw = columnOf(all, option.column, `evaluate.slices[${i}]`);
    return slicesOf(raw, part, measured === "test" ? 2 : 1, option);
  });
  const own = new Map(options.map(({ column }) => [column, all.columns.get(column)!]));
  return {
    slices: found.flatMap(({ slices }) => slices),
    slicesLeftOut: Object.assign({}, ...found.map(({ leftOut }) => leftOut)) as Record<string, number>,
    slicesKey: tableFingerprint({ n: table.n, columns: own }, part),
  };
}

/** The parts, with a tenth of the training rows for validation where the log has none: test is not to stop on. */
function withValidation({ table, part }: ClickLog, rng: Rng): { part: Uint8Array; heldBack: number } {
  if (part.includes(1)) return { part, heldBack: 0 };
  const rows = Uint32Array.from({ length: table.n }, (_, r) => r).filter((r) => part[r] === 0);
  const held = holdOut(rows.length, { by: "random", validation: validationShare, test: 0 }, rng);
  const divided = part.slice();
  for (const [i, row] of rows.entries()) divided[row] = held[i]!;
  return { part: divided, heldBack: held.reduce((n, p) => n + p, 0) };
}

function refuseOneClass({ label }: Examples, part: string): void {
  const clicks = label.reduce((n, y) => n + y, 0);
  if (clicks > 0 && clicks < label.length) return;
  throw new UserError(
    `${part}: all of its ${label.length} rows have label ${clicks > 0 ? 1 : 0}; networks need both, to learn and to stop.`,
  );
}
