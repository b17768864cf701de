// What happens in a world: sessions in time, in which a policy shows items and a person clicks some.
//   p(item shown) = explore / items + (1 - explore) · softmax_c(4 · taste·centre_c) · share(item | its category)
//   p(click | shown, not clicked before) = σ(6 · (taste·item - 0.45) + bait)
//   satisfaction = σ(4 · (taste·item - 0.4) + quality - bait + noise)

import { sigmoid } from "../../base/logistic.ts";
import type { Rng } from "../../base/rng.ts";
import { drawAlias } from "../alias.ts";
import type { Catalogue } from "./catalogue.ts";
import { clicksOf, type Log, openLog } from "./log.ts";
import { dims, type WorldOptions } from "./options.ts";
import type { People } from "./people.ts";
import { dotRows } from "./vectors.ts";

/** Clicks that a session has on average, and how many exposures a person sits through for each before giving up. */
const perSession = 8;
const patience = 20;

export function logSessions(
  options: WorldOptions,
  catalogue: Catalogue,
  people: People,
  span: readonly [number, number],
  rng: Rng,
): Log {
  const { users, items, categories, explore } = options;
  const { centres, category, taste: itemTaste, share, shelves, bait, quality } = catalogue;
  const log = openLog(options.clicks * 4);
  const satisfaction: number[] = [];
  const now = new Float32Array(dims);
  const chance = new Float64Array(categories);
  const clickedBy = new Int32Array(items).fill(-1);

  for (let u = 0; u < users; u++) {
    let left = people.quota[u]!;
    const starts = sessionStarts(Math.max(1, Math.round(left / perSession)), span, rng);
    for (const [s, start] of starts.entries()) {
      const gone = (start - span[0]) / (span[1] - span[0]);
      for (let d = 0; d < dims; d++) now[d] = people.taste[u * dims + d]! + gone * people.drift[u * dims + d]!;
      categoryChances(now, centres, chance);
      const sessionsLeft = starts.length - s;
      let target =
        sessionsLeft === 1 ? left : Math.min(left, Math.round((left / sessionsLeft) * (0.5 + rng.uniform())));
      left -= target;
      let time = start;
      for (let shown = target * patience; target > 0 && shown > 0; shown--) {
        time += 2 + 30 * rng.uniform();
        const item = rng.uniform() < explore ? rng.below(items) : drawShown(shelves, chance, rng);
        const propensity = explore / items + (1 - explore) * chance[category[item]!]! * share[item]!;
        const liking = dotRows(now, 0, itemTaste, item, dims);
        const click = clickedBy[item] !== u && rng.uniform() < clickChance(liking, bait[item]!);
        log.add(u, item, Math.floor(time), propensity, click);
        if (!click) continue;
        clickedBy[item] = u;
        target--;
        satisfaction.push(satisfactionOf(liking, quality[item]! - bait[item]!, rng.normal()));
      }
      left += target;
    }
  }
  const exposures = log.done();
  return { exposures, clicks: clicksOf(exposures, satisfaction.length), satisfaction: Float32Array.from(satisfaction) };
}

/** The chance that an item is clicked that was not before; `liking` is taste · item. */
export const clickChance = (liking: number, bait: number): number => sigmoid(6 * (liking - 0.45) + bait);

/** How much a click pleases, in (0, 1); `worth` is quality - bait, `noise` a standard normal number. */
export const satisfactionOf = (liking: number, worth: number, noise: number): number =>
  sigmoid(4 * (liking - 0.4) + worth + 0.5 * noise);

/** chance[c] = softmax_c(4 · taste·centre_c). */
function categoryChances(taste: Float32Array, centres: Float32Array, chance: Float64Array): void {
  let sum = 0;
  for (let c = 0; c < chance.length; c++) {
    chance[c] = Math.exp(4 * dotRows(taste, 0, centres, c, dims));
    sum += chance[c]!;
  }
  for (let c = 0; c < chance.length; c++) chance[c]! /= sum;
}

function drawShown(shelves: Catalogue["shelves"], chance: Float64Array, rng: Rng): number {
  let x = rng.uniform();
  let c = 0;
  for (; c < chance.length - 1 && x >= chance[c]!; c++) x -= chance[c]!;
  const { items, table } = shelves[c]!;
  return items[drawAlias(table, rng)]!;
}

/** Ascending starts: random days, hours that peak in the evening. */
function sessionStarts(n: number, [begin, end]: readonly [number, number], rng: Rng): Float64Array {
  const days = Math.max(1, Math.floor((end - begin) / 86_400));
  const starts = Float64Array.from({ length: n }, () => {
    const hour = (19 + 3 * rng.normal() + 24) % 24;
    return begin + rng.below(days) * 86_400 + Math.floor(hour * 3600);
  });
  return starts.sort();
}
