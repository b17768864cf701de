// A foreign model file becomes an artifact: a factor model one of our own form, every other graph one that keeps the
// graph (artifact/foreign.ts). What cannot be inferred of its inputs is asked for.

import { type ForeignInput, sealForeign } from "../artifact/foreign.ts";
import { sealArtifact } from "../artifact/seal.ts";
import { gradientRules } from "../autodiff/rules/index.ts";
import { UserError } from "../base/errors.ts";
import { formatCount } from "../base/format.ts";
import { createRng } from "../base/rng.ts";
import { sha256 } from "../base/sha256.ts";
import type { Graph } from "../graph/graph.ts";
import type { Runtime } from "../graph/runtime.ts";
import { verify } from "../graph/verify.ts";
import { encodeOnnx } from "../onnx/encode.ts";
import { type FactorPlan, recognizeFactors } from "../recommender/foreign/factors.ts";
import { type Inspection, inspectModel } from "../recommender/foreign/inspect.ts";
import type { InputRole } from "../recommender/foreign/roles.ts";
import { recognizeSequence } from "../recommender/foreign/sequence.ts";
import { lowerToOnnx } from "../recommender/lower.ts";
import type { Recommender } from "../recommender/recommender.ts";
import { convertModel } from "./convert-model.ts";
import { importFactors } from "./import-factors.ts";
import { importSequence } from "./import-sequence.ts";
import { runOn } from "./run-on.ts";
import { sampleFeeds } from "./sample-feeds.ts";
import type { Files } from "./stage.ts";

export interface ImportRequest {
  /** The artifact's name. */
  readonly name: string;
  /** What errors call the model. */
  readonly file: string;
  /** The model file, for its hash. */
  readonly bytes: Uint8Array;
  readonly graph: Graph;
  /** What the user said of inputs, by input. */
  readonly roles: Readonly<Record<string, InputRole>>;
  /** The id of each row; 0, 1, 2 … where not given. */
  readonly itemIds?: readonly string[] | undefined;
  readonly userIds?: readonly string[] | undefined;
}

export interface Imported {
  readonly inspection: Inspection;
  readonly form: Inspection["form"];
  readonly files: Files;
  /** What a person should know: what was left out, what was compared. */
  readonly notes: readonly string[];
}

/** What the trainer can differentiate; inspection asks it of every operator. */
export const differentiable = (op: string): boolean => op in gradientRules;

/** Inspects, verifies and seals a model; what the runtime refuses is said of its file. */
export async function importModel(request: ImportRequest, runtime: Runtime): Promise<Imported> {
  return importWith(request, {
    open: (model) =>
      runtime.open(model).catch((error) => {
        throw error instanceof UserError ? new UserError(`${request.file}: ${error.message}`) : error;
      }),
  });
}

async function importWith(given: ImportRequest, runtime: Runtime): Promise<Imported> {
  const { file, roles } = given;
  verify(given.graph, file);
  const inspect = (graph: Graph) => withRoles(inspectModel(graph, differentiable), roles, file);
  inspect(given.graph);
  const { graph, note } = await convertModel(given.graph, inspect, runtime, file);
  const request = { ...given, graph, opset: given.graph.opset };
  const made = await importForm(request, { ...inspect(graph), opset: request.opset }, runtime);
  return note === "" ? made : { ...made, notes: [...made.notes, note] };
}

/** A request whose graph is converted; `opset` is the file's own. */
interface Converted extends ImportRequest {
  readonly opset: number;
}

async function importForm(request: Converted, inspection: Inspection, runtime: Runtime): Promise<Imported> {
  const { graph, file } = request;
  const named = (role: InputRole) => inspection.inputs.find((input) => input.role === role)?.name;
  const plan = recognizeFactors(graph, { user: named("user"), item: named("item") });
  if ("ask" in plan)
    throw new UserError(`${file}: ${plan.why}; give --map user=${plan.ask[0]},item=${plan.ask[1]} or the reverse.`);
  if ("why" in plan) return importOrdered(request, inspection, runtime);
  const sizes = sizesOf(inspection, plan, request);
  const made = await importFactors(graph, plan, sizes, runtime);
  if ("why" in made) return importGraph(request, { ...inspection, form: "graph", formWhy: made.why }, runtime);
  const { recommender, apart } = made;
  const itemIds = request.itemIds ?? counted(recommender.items);
  if (itemIds.length !== recommender.items) throw wrongCount(request, "items", itemIds.length, recommender.items);
  const ids = { itemIds, userIds: request.userIds ?? counted(sizes.users) };
  return { inspection, form: "factors", files: seal(request, recommender, ids), notes: notesOf(plan, apart) };
}

/** A graph that is no factor model: of a sequence and a table of items, or one that stays as it is. */
async function importOrdered(request: Converted, inspection: Inspection, runtime: Runtime): Promise<Imported> {
  const { graph, itemIds, userIds } = request;
  const plan = recognizeSequence(graph);
  if ("why" in plan) return importGraph(request, inspection, runtime);
  const made = await importSequence(graph, plan, runtime, createRng("import"));
  if ("why" in made) return importGraph(request, { ...inspection, form: "graph", formWhy: made.why }, runtime);
  const { recommender, numbers, apart } = made;
  const rows = numbers.length + 1;
  if (itemIds && itemIds.length !== rows && itemIds.length !== numbers.length)
    throw wrongCount(request, "items", itemIds.length, rows);
  if (userIds) checkIds(request, inspection, "user", userIds.length);
  const ids = Array.from(
    numbers,
    (number, i) => (itemIds?.length === rows ? itemIds[number] : itemIds?.[i]) ?? String(number),
  );
  const notes = [
    sameScores("its graph's", apart),
    `Number ${plan.padding} fills up short sequences and is no item; a sequence's latest ${plan.length} items count.`,
  ];
  if (plan.sigmoid) notes.push(noSigmoid);
  return { inspection, form: "sequence", files: seal(request, recommender, { itemIds: ids }), notes };
}

function seal(
  { name, file, bytes }: ImportRequest,
  recommender: Recommender,
  ids: { readonly itemIds: readonly string[]; readonly userIds?: readonly string[] },
): Files {
  const files = sealArtifact({
    ...{ name, role: "teacher", method: "imported", recommender, onnx: encodeOnnx(lowerToOnnx(recommender)) },
    ...{ recipe: { name, imported: { file: baseName(file), sha256: sha256(bytes) } }, seed: 0, split: "", metrics: {} },
    ...{ dataset: { name: "", fingerprint: "" }, ...ids },
  });
  return Object.fromEntries(files);
}

const sameScores = (whose: string, apart: number): string =>
  `Its scores are ${whose} in ONNX Runtime (largest difference ${apart.toPrecision(1)}).`;
const noSigmoid = "The Sigmoid over the scores was left out: it changes no ranking.";

function notesOf(plan: FactorPlan, apart: number): string[] {
  const notes = [sameScores(plan.form === "all" ? "its graph's" : "its graph's for pairs", apart)];
  if (plan.userTerms.length + plan.constantTerms.length > 0)
    notes.push("What is added to all of a user's scores alike was left out: it changes no ranking.");
  if (plan.sigmoid) notes.push(noSigmoid);
  return notes;
}

async function importGraph(request: Converted, inspection: Inspection, runtime: Runtime): Promise<Imported> {
  const { graph, file, itemIds, userIds } = request;
  for (const [role, ids] of [
    ["item", itemIds],
    ["user", userIds],
  ] as const) {
    if (ids) checkIds(request, inspection, role, ids.length);
  }
  const answer = await tryOut(graph, inspection, runtime, file);
  const files = sealForeign({
    ...{
      name: request.name,
      source: { file: baseName(file), sha256: sha256(request.bytes), opset: request.opset },
      graph,
    },
    inputs: inspection.inputs.map(({ name, dtype, shape, role }) => ({
      name,
      dtype,
      shape,
      role,
      columns: columnsOf(name, shape, role),
    })),
    outputs: inspection.outputs.map(({ name, dtype, shape, role }) => ({ name, dtype, shape, role })),
    tables: inspection.tables.map(({ name, rows, cols, pickers, copies }) => ({ name, rows, cols, pickers, copies })),
    ...(itemIds && { itemIds }),
    ...(userIds && { userIds }),
  });
  const notes = [`It stays a graph: ${inspection.formWhy}.`, `ONNX Runtime runs it: ${answer}.`];
  return { inspection, form: "graph", files: Object.fromEntries(files), notes };
}

/** Runs the graph once on made-up rows; what it answers must be numbers. */
async function tryOut(graph: Graph, inspection: Inspection, runtime: Runtime, file: string): Promise<string> {
  const session = await runtime.open(encodeOnnx(graph));
  try {
    const rows = 3;
    const run = await runOn(session, sampleFeeds(inspection, rows, createRng("import")), `${file}: made-up rows`);
    for (const [name, { data, dims }] of Object.entries(run)) {
      const at = Array.from(data as Float32Array).findIndex((value) => Number.isNaN(Number(value)));
      if (at >= 0)
        throw new UserError(
          `${file}: output "${name}" of made-up rows has NaN at ${at} of [${dims.join(", ")}]; train or export it again.`,
        );
    }
    return `${rows} made-up rows gave ${Object.entries(run)
      .map(([name, { dims }]) => `${name} [${dims.join(", ")}]`)
      .join(", ")}`;
  } finally {
    await session.close();
  }
}

/** The inspection with what the user said; an input that nobody can name is asked for. */
function withRoles(inspection: Inspection, said: Readonly<Record<string, InputRole>>, file: string): Inspection {
  const names = inspection.inputs.map(({ name }) => name);
  const stranger = Object.keys(said).find((name) => !names.includes(name));
  if (stranger !== undefined)
    throw new UserError(`${file}: --map names input "${stranger}"; its inputs are ${names.join(", ")}.`);
  const inputs = inspection.inputs.map((input) =>
    said[input.name] ? { ...input, role: said[input.name]!, evidence: "you said so" } : input,
  );
  const unknown = inputs.find(({ role }) => role === "unknown");
  if (unknown) {
    const what = `${unknown.dtype} [${unknown.shape.join(", ")}], ${unknown.evidence}`;
    throw new UserError(
      `${file}: what input "${unknown.name}" (${what}) means cannot be told; give --map mask=${unknown.name}, or length, sequence, categories, user, item.`,
    );
  }
  return { ...inspection, inputs };
}

/** How many users and items there are: rows of the tables that their numbers pick directly. */
function sizesOf(inspection: Inspection, plan: FactorPlan, request: ImportRequest): { users: number; items?: number } {
  const of = (input: string, role: "user" | "item"): number => {
    const ids = role === "user" ? request.userIds : request.itemIds;
    const rows = rowsOf(inspection, input) ?? ids?.length;
    if (rows === undefined)
      throw new UserError(
        `${request.file}: how many ${role}s there are cannot be told from its tables; give --${role}s IDS.txt.`,
      );
    if (ids && ids.length !== rows) throw wrongCount(request, `${role}s`, ids.length, rows);
    return rows;
  };
  return { users: of(plan.user, "user"), ...(plan.item !== undefined && { items: of(plan.item, "item") }) };
}

const rowsOf = (inspection: Inspection, input: string): number | undefined => {
  const sizes = inspection.tables
    .filter(({ pickers }) =>
      pickers.some((p) => p.input === input && !p.offset && !p.computed && p.column === undefined),
    )
    .map(({ rows }) => rows);
  return sizes.length > 0 ? Math.min(...sizes) : undefined;
};

function checkIds(request: ImportRequest, inspection: Inspection, role: "user" | "item", got: number): void {
  const roles: readonly string[] = role === "item" ? ["item", "sequence"] : ["user"];
  const rows = inspection.inputs
    .flatMap((i) => (roles.includes(i.role) ? [rowsOf(inspection, i.name)] : []))
    .find((n) => n !== undefined);
  if (rows === undefined)
    throw new UserError(
      `${request.file}: no input numbers ${role}s, so --${role}s names nothing; leave it out or say which with --map ${role}=INPUT.`,
    );
  if (rows !== got) throw wrongCount(request, `${role}s`, got, rows);
}

const wrongCount = ({ file }: ImportRequest, what: string, got: number, rows: number) =>
  new UserError(
    `${file}: its table has ${formatCount(rows)} ${what}, --${what} gives ${formatCount(got)} ids; give one a row, in the model's order.`,
  );

const counted = (n: number): string[] => Array.from({ length: n }, (_, i) => String(i));
const baseName = (file: string): string => file.split(/[\\/]/).at(-1) ?? file;

/** The columns of a row file that fill an input: one a number, or one with a list for a sequence or its mask. */
function columnsOf(name: string, shape: ForeignInput["shape"], role: string): string[] {
  const width = shape.slice(1).reduce<number>((n, d) => (typeof d === "number" ? n * d : Number.NaN), 1);
  if (width === 1) return [name];
  const list = role === "sequence" || role === "mask" || !Number.isFinite(width);
  return list ? [name] : Array.from({ length: width }, (_, i) => `${name}_${i}`);
}
