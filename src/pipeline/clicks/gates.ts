// The gates of a recipe of clicks: what they may be about, and checks that a run has what they ask for.

import { clickMetrics } from "../../data/click-metrics/index.ts";
import type { Gate, Gateable } from "../../evidence/gates/gate.ts";
import { checkSlices, costUnits, parseGates } from "../gates.ts";
import type { Clicks } from "./read-clicks.ts";
import type { ClickRecipe } from "./recipe.ts";

/** What gates of networks may be about. */
export function clickGateable({ evaluate, networks }: Pick<ClickRecipe, "evaluate" | "networks">): Gateable {
  const sides = { high: "least", low: "most", one: "most" } as const;
  return {
    costs: costUnits,
    figures: Object.fromEntries(evaluate.metrics.map((name) => [name, sides[clickMetrics[name].better]])),
    ...{ paired: evaluate.metrics, models: networks.map(({ name }) => name) },
  };
}

/** The gates of the recipe; one on a slice that the log does not have is a UserError. */
export function clickGatesOf(recipe: ClickRecipe, { slices }: Pick<Clicks, "slices">): Gate[] {
  const gates = parseGates(recipe.gates, clickGateable(recipe), `${recipe.name}: gates`);
  checkSlices(
    gates,
    slices.map(({ name }) => name),
    `${recipe.name}: gates`,
  );
  return gates;
}
