// The click flow, once. Nothing else knows the order.

import type { ClickResults } from "../../report/clicks/results.ts";
import type { Surroundings } from "../surroundings.ts";
import { calibrateNetworks } from "./calibrate-networks.ts";
import { clickGatesOf } from "./gates.ts";
import { judgeNetworks } from "./judge-networks.ts";
import { measureNetworks } from "./measure-networks.ts";
import { publishClicks } from "./publish-clicks.ts";
import { readClicks } from "./read-clicks.ts";
import type { ClickRecipe } from "./recipe.ts";
import { sealNetworks } from "./seal-networks.ts";
import { trainNetworks } from "./train-networks.ts";

/** From a click log to trained, measured and sealed networks and their report; every step keeps what it made. */
export async function runClicks(recipe: ClickRecipe, around: Surroundings): Promise<ClickResults> {
  const clicks = await readClicks(recipe, around);
  const gates = clickGatesOf(recipe, clicks);
  const trained = await trainNetworks(clicks, recipe, around);
  const calibrated = await calibrateNetworks(trained, clicks, around);
  const measured = await measureNetworks(calibrated, clicks, recipe, around);
  const sealed = await sealNetworks(measured, clicks, recipe, around);
  const judged = judgeNetworks(sealed, measured, gates, clicks, recipe);
  return publishClicks(judged, clicks, recipe, around);
}
