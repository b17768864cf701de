// Sealed networks over the rows of a recipe's click log, each by its own columns: what compare, evaluate and verify need.

import type { ForeignArtifact } from "../../artifact/foreign.ts";
import { prefixed, UserError } from "../../base/errors.ts";
import type { Scored } from "../../data/click-metrics/metric.ts";
import { takeRows } from "../../data/raw-table.ts";
import { targets } from "../../data/targets.ts";
import { encodeOnnx } from "../../onnx/encode.ts";
import type { Surroundings } from "../surroundings.ts";
import { answers } from "./predict.ts";
import { type DividedLog, readLog, sliceLog } from "./read-clicks.ts";
import type { ClickRecipe } from "./recipe.ts";

export interface ScoredArtifacts {
  readonly log: DividedLog;
  /** Of the measured part. */
  readonly slices: ReturnType<typeof sliceLog>["slices"];
  /** In the order asked for, of the same rows. */
  readonly scored: readonly Scored[];
}

/** The probabilities of the recipe's part by each network; one that cannot read the rows is a UserError. */
export async function scoreArtifacts(
  artifacts: readonly { readonly name: string; readonly artifact: ForeignArtifact }[],
  recipe: ClickRecipe,
  around: Surroundings,
): Promise<ScoredArtifacts> {
  const { part } = recipe.evaluate;
  const task = around.progress.start(`click log ${recipe.clicklog.use}`);
  const log = await readLog(recipe, around);
  const wanted = part === "test" ? 2 : 1;
  const rows = Uint32Array.from({ length: log.table.n }, (_, r) => r).filter((r) => log.part[r] === wanted);
  if (rows.length === 0) throw new UserError(`evaluate.part is "${part}", but the log has no such part here.`);
  const table = takeRows(log.table, rows);
  const { label, group } = targets(table, log.target);
  task.end();
  const scored: Scored[] = [];
  for (const { name, artifact } of artifacts) {
    const { columns, graph } = artifact;
    if (!columns)
      throw new UserError(`${name}: it was imported and has no columns that read a log's rows; score rows of its own.`);
    const step = around.progress.start(`score ${name}`);
    const score = await prefixed(
      name,
      (async () => {
        const examples = { ...columns.encode(table), label };
        return (await answers(encodeOnnx(graph), examples, around.runtime, step.step)).probability;
      })(),
    );
    step.end();
    scored.push({ label, score, ...(group && { group }) });
  }
  return { log, slices: sliceLog(log, recipe.evaluate).slices, scored };
}
