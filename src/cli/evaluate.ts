// distilrec evaluate ARTIFACT: full ranking on held-out data; writes nothing.

import type { Command } from "commander";
import { formatTable } from "../base/format.ts";
import { openSurroundings } from "../node/surroundings.ts";
import { benchOf, sampledBy } from "../pipeline/bench.ts";
import { divide } from "../pipeline/divide.ts";
import { measure } from "../pipeline/measure.ts";
import { readData } from "../pipeline/read-data.ts";
import { teach } from "../pipeline/teach.ts";
import { evaluatedLines } from "../report/account.ts";
import { answer, collect, finish } from "./answer.ts";
import { artifactDraft } from "./artifact-draft.ts";
import { createProgress } from "./progress.ts";
import { commandLine, settle } from "./read-recipe.ts";

export function define(command: Command): void {
  command
    .argument("<artifact>", "folder of the sealed model")
    .option("--data <recipe>", "recipe whose dataset, clean and split to measure on (default: the model's own)")
    .option("--set <key.path=value>", "change a value, such as evaluate.ks=[10]; may be repeated", collect)
    .action(async (artifact: string, options: { data?: string; set?: string[]; json?: boolean }) => {
      const draft = await artifactDraft(artifact, options.data);
      const recipe = settle(draft, options.set);
      const around = await openSurroundings({
        base: draft.base,
        command: commandLine(),
        progress: createProgress(),
        threads: recipe.threads,
        providers: recipe.providers,
      });
      try {
        const data = await readData(recipe, around);
        const parts = divide(data, recipe, around);
        const bench = await benchOf(data, parts, recipe, around);
        const [measured] = await measure([await teach(parts, recipe, around)], bench, parts, recipe, around);
        const { metrics = {}, standardError = {} } = measured?.quality ?? {};
        const rows = Object.entries(metrics).map(([name, value]) => [
          name,
          value.toFixed(4),
          standardError[name] === undefined ? "–" : `± ${standardError[name].toFixed(4)}`,
        ]);
        const about = { leftOut: bench.leftOut, ...(bench.candidates && { candidates: sampledBy(bench.candidates) }) };
        const table = formatTable([["metric", "value", "standard error"], ...rows]);
        answer(options, { artifact, metrics, standardError, ...about }, [table, ...evaluatedLines(about)].join("\n"));
      } finally {
        await around.close();
      }
    });
  finish(command, "distilrec evaluate runs/demo/artifacts/student --set evaluate.ks=[5]");
}
