// report: gathers what the run found into results.json and report.html, and puts them and the artifacts in place.

import { rowOf } from "../data/interactions.ts";
import { renderReport } from "../report/report.ts";
import type { Results, Sample } from "../report/results.ts";
import type { Parts } from "./divide.ts";
import { type Measured, seenBefore } from "./measure.ts";
import type { Data } from "./read-data.ts";
import type { Recipe } from "./recipe.ts";
import type { Sealed } from "./seal.ts";
import type { Surroundings } from "./surroundings.ts";

const historyShown = 10;

/** The run's results, written beside its artifacts. */
export async function publish(
  sealed: readonly Sealed[],
  data: Data,
  parts: Parts,
  recipe: Recipe,
  around: Surroundings,
): Promise<Results> {
  const results: Results = {
    ...{ recipe: recipe.name, seed: recipe.seed },
    dataset: {
      ...{ name: data.name, fingerprint: data.fingerprint, dropped: data.dropped },
      ...{ users: data.events.users.length, items: data.events.items.length, interactions: data.events.user.length },
    },
    split: {
      ...{ use: recipe.split.use, hash: parts.hash },
      ...{
        train: parts.train.indices.length,
        validation: parts.validation.indices.length,
        test: parts.test.indices.length,
      },
    },
    variants: sealed.map(({ variant }) => variant),
    samples: samplesOf(sealed, data, parts, recipe),
    ...{ machine: around.machine, reproduce: around.command },
  };
  const text = (content: string) => new TextEncoder().encode(content);
  await around.store.publish(Object.fromEntries(sealed.map(({ variant, stage }) => [variant.name, stage])), {
    "results.json": text(`${JSON.stringify(results, null, 2)}\n`),
    "report.html": text(renderReport(results)),
  });
  return results;
}

function samplesOf(measured: readonly Measured[], data: Data, parts: Parts, recipe: Recipe): Sample[] {
  const title = (item: number) => data.titles?.[item] ?? data.events.items[item] ?? String(item);
  const seen = seenBefore(parts, recipe.evaluate.part);
  return (measured[0]?.quality.samples ?? []).map(({ user }, at) => ({
    user: data.events.users[user] ?? String(user),
    history: latest(data, seen, user).map(title),
    truth: [...rowOf(parts[recipe.evaluate.part], user)].slice(0, historyShown).map(title),
    lists: Object.fromEntries(
      measured.map(({ name, quality }) => [name, (quality.samples[at]?.items ?? []).map(title)]),
    ),
  }));
}

/** A user's last items before the evaluated part, newest first where times are known. */
function latest({ events }: Data, seen: Parts["train"], user: number): number[] {
  const items = [...rowOf(seen, user)];
  const { time } = events;
  if (time) {
    const when = new Map<number, number>();
    for (let e = 0; e < events.user.length; e++) if (events.user[e] === user) when.set(events.item[e]!, time[e]!);
    items.sort((a, b) => (when.get(b) ?? 0) - (when.get(a) ?? 0));
  }
  return items.slice(0, historyShown);
}
