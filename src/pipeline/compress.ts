// Runs passes in order over a recommender's tables.

import { parseOptions } from "../kinds/options.ts";
import type { PassContext, PassMethod } from "../kinds/pass.ts";
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
    const next: Partial<Record<TableName, Table>> = {};
    const changed: string[] = [];
    const refused: { table: string; reason: string }[] = [];
    for (const [name, table] of Object.entries(tables) as [TableName, Table][]) {
      const rng = context.rng.fork(`${i}/${name}`);
      const encoded = await pass.encode(table, options, { ...context, rng }, name);
      const refusal = "refused" in encoded;
      next[name] = refusal ? table : encoded;
      if (refusal) refused.push({ table: name, reason: encoded.refused });
      else if (encoded !== table) changed.push(name);
    }
    if (!changed.length && !refused.length) {
      for (const table of Object.keys(tables)) refused.push({ table, reason: "it is not among the step's tables" });
    }
    passes.push({ use: pass.name, changed, refused });
    tables = next;
  }
  return { recommender: { ...recommender, tables }, passes };
}
