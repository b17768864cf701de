// report: gathers what the run found into results.json and report.html, and puts them and the artifacts in place.

import type { Examples } from "../../data/examples.ts";
import { renderClickReport } from "../../report/clicks/report.ts";
import type { ClickResults, Part } from "../../report/clicks/results.ts";
import type { Surroundings } from "../surroundings.ts";
import type { Clicks } from "./read-clicks.ts";
import type { ClickRecipe } from "./recipe.ts";
import type { SealedNetwork } from "./seal-networks.ts";

/** The run's results, written beside its artifacts. */
export async function publishClicks(
  sealed: readonly SealedNetwork[],
  clicks: Clicks,
  recipe: ClickRecipe,
  around: Surroundings,
): Promise<ClickResults> {
  const { name, fingerprint, heldBack, columns } = clicks;
  const results: ClickResults = {
    ...{ kind: "clicks", recipe: recipe.name, seed: recipe.seed },
    clicklog: {
      ...{ name, fingerprint, heldBack, columns: columns.fitted.length },
      ...{ train: partOf(clicks.train), validation: partOf(clicks.validation), test: partOf(clicks.test) },
    },
    ...{ part: recipe.evaluate.part, threshold: recipe.evaluate.threshold, metric: recipe.train.metric },
    ...{ units: clicks.test.group ? "users" : "rows", networks: sealed.map(({ result }) => result) },
    ...{ machine: around.machine, reproduce: around.command },
  };
  const text = (content: string) => new TextEncoder().encode(content);
  await around.store.publish(Object.fromEntries(sealed.map(({ result, stage }) => [result.name, stage])), {
    "results.json": text(`${JSON.stringify(results, null, 2)}\n`),
    "report.html": text(renderClickReport(results)),
  });
  return results;
}

const partOf = ({ n, label }: Examples): Part => ({ rows: n, clicks: label.reduce((sum, y) => sum + y, 0) });
