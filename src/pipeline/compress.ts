// Runs passes in order over a recommender's tables.

import { type Interactions, takenCounts } from "../data/interactions.ts";
import { parseOptions } from "../kinds/options.ts";
import type { PassContext, PassMethod, SpacePass, TablePass } from "../kinds/pass.ts";
import type { Recommender, TableName } from "../recommender/recommender.ts";
import type { PassOutcome } from "../report/results.ts";
import type { Table } from "../tables/table.ts";

/** A pass and the options that its schema has yet to parse. */
export interface PassStep {
  readonly pass: PassMethod;
  readonly options: unknown;
}

/** The compressed recommender and what each step did; a wrong option is a UserError before anything runs. */
export async function applyPasses(
  recommender: Recommender,
  steps: readonly PassStep[],
  context: PassContext,
): Promise<{ recommender: Recommender; passes: PassOutcome[] }> {
  const parsed = steps.map(({ pass, options }, i) => ({
    pass,
    options: parseOptions(pass.options, options, `compress[${i}] (${pass.name})`),
  }));
  let tables = recommender.tables;
  const passes: PassOutcome[] = [];
  for (const [i, { pass, options }] of parsed.entries()) {
    const { next, changed, refused } =
      "transform" in pass
        ? await transformed({ ...recommender, tables }, pass, options, { ...context, rng: context.rng.fork(`${i}`) })
        : await encoded(tables, pass, options, (name) => ({ ...context, rng: context.rng.fork(`${i}/${name}`) }));
    if (!changed.length && !refused.length) {
      for (const table of Object.keys(tables)) refused.push({ table, reason: "it is not among the step's tables" });
    }
    passes.push({ use: pass.name, changed, refused });
    tables = next;
  }
  return { recommender: { ...recommender, tables }, passes };
}

/** How often the training part met each user and each item, as passes are told. */
export const metIn = (train: Interactions): NonNullable<PassContext["met"]> => ({
  user: Int32Array.from({ length: train.users }, (_, u) => train.indptr[u + 1]! - train.indptr[u]!),
  item: takenCounts(train),
});

interface Step {
  readonly next: Recommender["tables"];
  readonly changed: string[];
  readonly refused: { table: string; reason: string }[];
}

/** One table after another. */
async function encoded(
  tables: Recommender["tables"],
  pass: TablePass,
  options: unknown,
  contextOf: (name: TableName) => PassContext,
): Promise<Step> {
  const next: Partial<Record<TableName, Table>> = {};
  const changed: string[] = [];
  const refused: { table: string; reason: string }[] = [];
  for (const [name, table] of Object.entries(tables) as [TableName, Table][]) {
    const got = await pass.encode(table, options, contextOf(name), name);
    const refusal = "refused" in got;
    next[name] = refusal ? table : got;
    if (refusal) refused.push({ table: name, reason: got.refused });
    else if (got !== table) changed.push(name);
  }
  return { next, changed, refused };
}

/** All tables together; a refusal is one for each of its matrices. */
async function transformed(
  recommender: Recommender,
  pass: SpacePass,
  options: unknown,
  context: PassContext,
): Promise<Step> {
  const { tables } = recommender;
  const next = await pass.transform(recommender, options, context);
  const names = Object.keys(tables) as TableName[];
  if (!("refused" in next)) return { next, changed: names.filter((name) => next[name] !== tables[name]), refused: [] };
  const matrices = names.filter((name) => name !== "gain" && name !== "bias");
  const those = matrices.length ? matrices : names;
  return { next: tables, changed: [], refused: those.map((table) => ({ table, reason: next.refused })) };
}
