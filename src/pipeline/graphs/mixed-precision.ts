// Mixed precision: every table and dense layer of a graph is tried alone in 16, 8 and 4 bits on rows, and goes to fewer
// bits in the order of what that costs the answers, until the file is small enough or the answers may lose no more.

import type { ForeignArtifact } from "../../artifact/foreign.ts";
import { UserError } from "../../base/errors.ts";
import { formatBytes } from "../../base/format.ts";
import { createRng } from "../../base/rng.ts";
import { drawRows, type RawTable } from "../../data/raw-table.ts";
import { targets } from "../../data/targets.ts";
import type { Graph } from "../../graph/graph.ts";
import type { Runtime } from "../../graph/runtime.ts";
import type { Kernels } from "../../kernels/kernels.ts";
import { encodeOnnx } from "../../onnx/encode.ts";
import { decodeTable } from "../../tables/decode.ts";
import type { Table } from "../../tables/table.ts";
import { registry } from "../registry.ts";
import { rowFeeds } from "../row-feeds.ts";
import { qualityOf } from "./answer-rows.ts";
import type { LabelledRows } from "./compress-graph.ts";
import { type PackedTable, type Place, packed } from "./pack-graph.ts";
import { floatLayersOf, layerTable, packLayer } from "./pack-layers.ts";
import { copyOf, packTable, tableOf } from "./pack-tables.ts";
import { type Option, optionsAfter, precisionOrder } from "./precision-order.ts";
import { apart, openTrials, type Trials, variance } from "./sensitivity.ts";

/** Where to stop: at so many bytes of model.onnx, or before the answers lose more. */
export type Budget =
  | { readonly bytes: number }
  /** Of AUC on labelled rows; without labels the root mean square of what differs, in standard deviations of the logits. */
  | { readonly maxDrop: number };

/** `bytes` are those of the table or layer, with what the nodes that unpack it add to the file. */
export interface Tried extends Option {
  /** The pass; "f32" for the numbers as they are. */
  readonly pass: string;
  /** Of AUC, on labelled rows. */
  readonly drop?: number;
}

/** A table or layer, as it is and by each pass that makes it smaller. */
export interface Sensitivity {
  readonly name: string;
  readonly kind: "table" | "layer";
  readonly tried: readonly Tried[];
  readonly kept: string;
}

export interface Mixed {
  readonly graph: Graph;
  readonly tables: readonly PackedTable[];
  readonly layers: readonly PackedTable[];
  readonly sensitivity: readonly Sensitivity[];
}

const passes = ["fp16", "int8-row", "int4-row"] as const;
/** Rows that a trial looks at, drawn by a seed. */
const mostRows = 16_384;

interface Unit {
  readonly name: string;
  readonly kind: "table" | "layer";
  readonly before: number;
  readonly made: readonly { readonly pass: string; readonly table: Table; readonly packed: PackedTable }[];
  readonly refused?: PackedTable;
}

/** Chooses and packs, in a copy of the artifact's graph. */
export async function packMixed(
  artifact: ForeignArtifact,
  budget: Budget,
  rows: LabelledRows,
  { kernels, runtime }: { readonly kernels: Kernels; readonly runtime: Runtime },
): Promise<Mixed> {
  const all = await unitsOf(artifact, kernels);
  const units = all.filter(({ made }) => made.length > 0);
  if (units.length === 0) {
    const why = all.map(({ name, refused }) => `${name}: ${refused?.refused}`).join("; ");
    throw new UserError(`no table and no layer can go to fewer bits (${why || "it has none"}).`);
  }
  const table = drawRows(rows.table, mostRows, createRng("compress").fork("sensitivity"));
  const names = units.map(({ name }) => name);
  const trials = await openTrials(artifact, names, rowFeeds(artifact, table), runtime);
  try {
    const judge = await judgeOf(trials, table, rows);
    const tried: Tried[][] = [];
    for (const unit of units) tried.push(await triedOf(unit, judge));
    const steps = precisionOrder(tried);
    const graphAfter = (count: number) => packedGraph(artifact, units, optionsAfter(units.length, steps, count));
    const count =
      "bytes" in budget
        ? stepsForBytes(budget.bytes, steps.length, (n) => encodeOnnx(graphAfter(n)).length)
        : await stepsForDrop(budget.maxDrop, steps.length, async (n) => {
            const options = optionsAfter(units.length, steps, n);
            const changed = units.flatMap(({ name, made }, u): [string, Float32Array][] =>
              options[u] === 0 ? [] : [[name, decodeTable(made[options[u]! - 1]!.table)]],
            );
            return (await judge.of(new Map(changed))).drop;
          });
    const options = optionsAfter(units.length, steps, count);
    const became = all.map((unit): [Unit["kind"], PackedTable] => {
      const option = options[units.indexOf(unit)] ?? 0;
      const f32 = { name: unit.name, encoding: "f32", bytes: { before: unit.before, after: unit.before } };
      if (option > 0) return [unit.kind, unit.made[option - 1]!.packed];
      return [unit.kind, unit.refused ?? { ...f32, refused: "its bits are worth their bytes" }];
    });
    const of = (wanted: Unit["kind"]) => became.flatMap(([kind, one]) => (kind === wanted ? [one] : []));
    const sensitivity = units.map(({ name, kind }, u) => ({
      ...{ name, kind, tried: tried[u]!, kept: tried[u]![options[u]!]!.pass },
    }));
    return { graph: graphAfter(count), tables: of("table"), layers: of("layer"), sensitivity };
  } finally {
    await trials.close();
  }
}

/** Every table and layer with what each pass makes of it, the largest first. */
async function unitsOf({ graph, manifest }: ForeignArtifact, kernels: Kernels): Promise<Unit[]> {
  const given = [
    ...manifest.tables.map(({ name }) => ({ name, kind: "table" as const, table: tableOf(graph, name) })),
    ...floatLayersOf(graph).map((name) => ({ name, kind: "layer" as const, table: layerTable(graph, name) })),
  ];
  const units: Unit[] = [];
  for (const { name, kind, table } of given) {
    const made: Unit["made"][number][] = [];
    let refused: PackedTable | undefined;
    for (const [first, pass] of passes.entries()) {
      const step = { pass: registry.find("pass", pass, pass), options: {} };
      const kept: Table[] = [];
      const put: Place["put"] = (into, of, one) => {
        kept.push(one);
        (kind === "table" ? packTable : packLayer)(into, of, one);
      };
      const place = { graph: copyOf(graph), put, sparse: false, int8: false };
      const found = await packed(table, name, { steps: [step], first }, kernels, place);
      if (kept[0] && found.refused === undefined) made.push({ pass, table: kept[0], packed: found });
      else refused ??= found;
    }
    const before = made[0]?.packed.bytes.before ?? 0;
    units.push({ name, kind, before, made, ...(made.length === 0 && refused && { refused }) });
  }
  return units.toSorted((a, b) => b.before - a.before);
}

interface Judge {
  of(changed: ReadonlyMap<string, Float32Array>): Promise<{ error: number; drop: number }>;
  readonly labelled: boolean;
}

/** The error is the share of the logits' variance that changes; the drop is as budgets mean it. */
async function judgeOf(trials: Trials, table: RawTable, { file, label, threshold }: LabelledRows): Promise<Judge> {
  const right = await trials.logits(new Map());
  const spread = variance(right) || 1;
  const labels = label === undefined ? undefined : targets(table, { label, threshold }).label;
  const auc = labels && qualityOf(labels, right).auc;
  if (Number.isNaN(auc))
    throw new UserError(`${file}: label "${label}" is the same in all rows; give rows of both labels.`);
  return {
    labelled: labels !== undefined,
    async of(changed) {
      const logits = await trials.logits(changed);
      const error = apart(right, logits) / spread;
      return { error, drop: labels ? auc! - qualityOf(labels, logits).auc : Math.sqrt(error) };
    },
  };
}

async function triedOf({ name, before, made }: Unit, judge: Judge): Promise<Tried[]> {
  const tried: Tried[] = [{ pass: "f32", bytes: before, error: 0, ...(judge.labelled && { drop: 0 }) }];
  for (const { pass, table, packed } of made) {
    const { error, drop } = await judge.of(new Map([[name, decodeTable(table)]]));
    tried.push({ pass, bytes: packed.bytes.after, error, ...(judge.labelled && { drop }) });
  }
  return tried;
}

function packedGraph(artifact: ForeignArtifact, units: readonly Unit[], options: readonly number[]): Graph {
  const graph = copyOf(artifact.graph);
  for (const [u, { name, kind, made }] of units.entries()) {
    const chosen = made[options[u]! - 1];
    if (chosen) (kind === "table" ? packTable : packLayer)(graph, name, chosen.table);
  }
  return graph;
}

/** The fewest steps after which the file fits; every step makes it smaller. */
function stepsForBytes(most: number, steps: number, bytesAfter: (count: number) => number): number {
  const least = bytesAfter(steps);
  if (least > most)
    throw new UserError(
      `with every table and layer in the fewest bits model.onnx takes ${formatBytes(least)}; give --bytes ${least} or more.`,
    );
  let [no, yes] = [-1, steps];
  while (yes - no > 1) {
    const middle = Math.floor((no + yes) / 2);
    if (bytesAfter(middle) <= most) yes = middle;
    else no = middle;
  }
  return yes;
}

/** The most steps, as far as halving finds, after which the answers lose no more than `most`. */
async function stepsForDrop(
  most: number,
  steps: number,
  dropAfter: (count: number) => Promise<number>,
): Promise<number> {
  if ((await dropAfter(steps)) <= most) return steps;
  let [yes, no] = [0, steps];
  while (no - yes > 1) {
    const middle = Math.floor((no + yes) / 2);
    if ((await dropAfter(middle)) <= most) yes = middle;
    else no = middle;
  }
  if (yes === 0) throw new UserError(`no table or layer can go to fewer bits within a drop of ${most}; allow more.`);
  return yes;
}
