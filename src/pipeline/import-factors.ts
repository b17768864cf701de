// A recognised factor model becomes our own form: its two towers are evaluated for every number, whatever they hold, and
// the tables that come out are compared with the graph itself.

import { UserError } from "../base/errors.ts";
import type { Graph, GraphValue } from "../graph/graph.ts";
import type { RunTensor, Runtime, Session } from "../graph/runtime.ts";
import { encodeOnnx } from "../onnx/encode.ts";
import type { FactorPlan, Term } from "../recommender/foreign/factors.ts";
import { outputName, subgraph } from "../recommender/foreign/subgraph.ts";
import type { Recommender } from "../recommender/recommender.ts";
import { f32Table } from "../tables/table.ts";
import { runOn } from "./run-on.ts";

/** Rows that one run of a tower gives. */
const chunk = 8192;
const checkedUsers = 16;
const checkedItems = 64;
/** Of the largest score; the towers' rows are exact, sums of products are ordered otherwise. */
const tolerance = 1e-4;

export interface ImportedFactors {
  readonly recommender: Recommender;
  /** The largest difference from the graph's own scores that was found. */
  readonly apart: number;
}

/** Evaluates the plan for `users` (and, in pairs, `items`) numbers; undefined where the graph says otherwise than its factors. */
export async function importFactors(
  graph: Graph,
  plan: FactorPlan,
  sizes: { readonly users: number; readonly items?: number },
  runtime: Runtime,
): Promise<ImportedFactors | { readonly why: string }> {
  const { users } = sizes;
  const left = [{ value: plan.left, scale: plan.scale }, ...plan.userTerms];
  const [p = new Float32Array(0), ...userTerms] = await evaluate(graph, left, plan.user, users, runtime);
  const d = p.length / users;
  const right = [{ value: plan.right, scale: 1 }, ...plan.itemTerms];
  const [raw = new Float32Array(0), ...itemTerms] = await evaluate(graph, right, plan.item, sizes.items ?? 1, runtime);
  const items = raw.length / d;
  if (!Number.isInteger(d) || d < 1 || !Number.isInteger(items) || items !== (sizes.items ?? items))
    return { why: "its two sides are not rows of one width" };
  const q = plan.rightColumns ? transposed(raw, d, items) : raw;
  const constants = await evaluateTerms(graph, plan.constantTerms, runtime);
  if (itemTerms.some((term) => term.length !== items && term.length !== 1))
    return { why: "a bias is not one number an item" };
  if (userTerms.some((term) => term.length !== users)) return { why: "a bias is not one number a user" };
  if (constants.some((term) => term.length !== 1)) return { why: "a constant in its score is not one number" };
  for (const [side, values] of [
    ["user", p],
    ["item", q],
  ] as const) {
    const at = values.findIndex((value) => !Number.isFinite(value));
    if (at >= 0)
      throw new UserError(`${side} ${Math.floor(at / d)} has ${values[at]} in its vector; train the model again.`);
  }
  const bias = new Float32Array(items);
  for (const term of itemTerms) for (let j = 0; j < items; j++) bias[j]! += term.length === 1 ? term[0]! : term[j]!;
  const recommender: Recommender = {
    ...{ query: "user", pool: "sum", items },
    tables: {
      ...{ user: f32Table(users, d, p), item: f32Table(items, d, q) },
      ...(bias.some((value) => value !== 0) && { bias: f32Table(1, items, bias) }),
    },
  };
  const shift = (user: number) => sum(userTerms.map((term) => term[user]!)) + sum(constants.map((term) => term[0]!));
  const apart = await compare(graph, plan, { users, items, d, p, q, bias, shift }, runtime);
  return apart <= tolerance
    ? { recommender, apart }
    : { why: `its factors' scores differ from its own by ${apart.toPrecision(2)}` };
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

/** [d, n] as [n, d]. */
export function transposed(columns: Float32Array, d: number, n: number): Float32Array {
  const rows = new Float32Array(columns.length);
  for (let c = 0; c < d; c++) for (let r = 0; r < n; r++) rows[r * d + c] = columns[c * n + r]!;
  return rows;
}

/** Each term, times its scale, where none follows an input. */
export const evaluateTerms = (graph: Graph, terms: readonly Term[], runtime: Runtime): Promise<Float32Array[]> =>
  evaluate(graph, terms, undefined, 1, runtime);

/** Each term, times its scale, for the numbers 0 … n - 1 of `input`; terms that no input reaches are evaluated once. */
async function evaluate(
  graph: Graph,
  terms: readonly Term[],
  input: string | undefined,
  n: number,
  runtime: Runtime,
): Promise<Float32Array[]> {
  if (terms.length === 0) return [];
  const part = subgraph(
    graph,
    terms.map(({ value }) => value),
  );
  const session = await runtime.open(encodeOnnx(part));
  try {
    const results: Float32Array[] = [];
    for (let from = 0; from < n; ) {
      const id = ({ name }: GraphValue, i: number) => (name === input ? from + i : 0);
      const { data, batch } = await runBatch(session, part.inputs, Math.min(chunk, n - from), id);
      const taken = Math.min(batch, n - from);
      for (const [i, { scale }] of terms.entries()) {
        const values = data[outputName(i)]!;
        const width = input === undefined ? values.length : values.length / batch;
        results[i] ??= new Float32Array(width * n);
        const all = results[i];
        for (let k = 0; k < taken * width; k++) all[from * width + k] = values[k]! * scale;
      }
      from += taken;
    }
    return results;
  } finally {
    await session.close();
  }
}

/** Runs `size` rows, or as many as a graph exported for one batch size takes; id(input, i) is row i's number. */
async function runBatch(
  session: Session,
  inputs: readonly GraphValue[],
  size: number,
  id: (input: GraphValue, i: number) => number,
): Promise<{ data: Record<string, Float32Array>; batch: number }> {
  const fixed = inputs.map(({ shape }) => shape[0]).find((d) => typeof d === "number");
  const batch = fixed ?? size;
  const run = await runOn(
    session,
    Object.fromEntries(
      inputs.map((input) => [input.name, numbers(input, batch, (i) => id(input, Math.min(i, size - 1)))]),
    ),
    "numbers of users and items",
  );
  const data = Object.entries(run).map(([name, tensor]) => [name, tensor.data as Float32Array]);
  return { data: Object.fromEntries(data), batch };
}

/** A feed for an input of whole numbers, [n] or [n, 1]. */
function numbers({ dtype, shape }: GraphValue, n: number, of: (i: number) => number): RunTensor {
  const values = Array.from({ length: n }, (_, i) => of(i));
  const dims = [n, ...shape.slice(1).map(() => 1)];
  return dtype === "int32"
    ? { dtype, dims, data: Int32Array.from(values) }
    : { dtype: "int64", dims, data: BigInt64Array.from(values, BigInt) };
}

interface Sides {
  readonly users: number;
  readonly items: number;
  readonly d: number;
  readonly p: Float32Array;
  readonly q: Float32Array;
  readonly bias: Float32Array;
  shift(user: number): number;
}

/** The largest difference between the graph's scores and the factors', of the largest score (at least 1). */
async function compare(graph: Graph, plan: FactorPlan, sides: Sides, runtime: Runtime): Promise<number> {
  const users = spread(sides.users, checkedUsers);
  const items =
    plan.form === "all" ? Array.from({ length: sides.items }, (_, j) => j) : spread(sides.items, checkedItems);
  const pairs = plan.form === "all" ? users.length : users.length * items.length;
  const userOf = (i: number) => (plan.form === "all" ? users[i]! : users[Math.floor(i / items.length)]!);
  const idOf = ({ name }: GraphValue, i: number) =>
    name === plan.user ? userOf(i) : name === plan.item ? items[i % items.length]! : 0;
  const session = await runtime.open(encodeOnnx(graph));
  try {
    const theirs = new Float32Array(users.length * items.length);
    // The first row goes alone: where rows of a batch change each other's scores, it shows.
    for (let from = 0; from < pairs; ) {
      const size = from === 0 ? 1 : Math.min(chunk, pairs - from);
      const { data, batch } = await runBatch(session, graph.inputs, size, (input, i) => idOf(input, from + i));
      const scores = data[graph.outputs[0]!.name]!;
      const width = theirs.length / pairs;
      if (scores.length !== batch * width) return Number.POSITIVE_INFINITY;
      const taken = Math.min(batch, size);
      theirs.set(scores.subarray(0, taken * width), from * width);
      from += taken;
    }
    let [apart, size] = [0, 1];
    for (const [u, user] of users.entries()) {
      for (const [j, item] of items.entries()) {
        let score = sides.shift(user) + sides.bias[item]!;
        for (let c = 0; c < sides.d; c++) score += sides.p[user * sides.d + c]! * sides.q[item * sides.d + c]!;
        if (plan.sigmoid) score = 1 / (1 + Math.exp(-score));
        const their = theirs[u * items.length + j]!;
        [apart, size] = [Math.max(apart, Math.abs(score - their)), Math.max(size, Math.abs(their))];
      }
    }
    return apart / size;
  } finally {
    await session.close();
  }
}

/** Up to `most` numbers below n, first and last among them. */
function spread(n: number, most: number): number[] {
  const count = Math.min(n, most);
  return Array.from({ length: count }, (_, i) => (count === 1 ? 0 : Math.round((i * (n - 1)) / (count - 1))));
}
