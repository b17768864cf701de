// report: gathers what the run found into results.json and report.html, and puts them and the artifacts in place.

import { rowOf } from "../data/interactions.ts";
import type { Judgement } from "../evidence/lists.ts";
import { renderReport } from "../report/report.ts";
import type { Results, Sample } from "../report/results.ts";
import { type Bench, sampledBy } from "./bench.ts";
import type { Parts } from "./divide.ts";
import { chooseUsers, type Reference } from "./measure.ts";
import type { Data } from "./read-data.ts";
import type { Recipe } from "./recipe.ts";
import type { Sealed } from "./seal.ts";
import type { Surroundings } from "./surroundings.ts";
import { encodeKeptLists, keptLists } from "./teachers/kept-lists.ts";
import type { ListReference } from "./teachers/reference.ts";

/** Items of a history or list that people are shown. */
const shown = 10;

/** The run's results, written beside its artifacts; `listed` is a teacher that has lists and no model. */
export async function publish(
  sealed: readonly Sealed[],
  { judgement, candidates, leftOut }: Bench,
  data: Data,
  parts: Parts,
  recipe: Recipe,
  around: Surroundings,
  listed?: ListReference,
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
    ...(candidates && { candidates: sampledBy(candidates) }),
    leftOut: [...leftOut, ...(listed?.leftOut ?? [])],
    ...(listed && { teacher: { method: listed.method, ...listed.quality } }),
    variants: sealed.map(({ variant }) => variant),
    samples: samplesOf(listed ? [listed, ...sealed] : sealed, judgement, data, recipe.seed),
    ...{ machine: around.machine, reproduce: around.command },
  };
  const text = (content: string) => new TextEncoder().encode(content);
  await around.store.publish(Object.fromEntries(sealed.map(({ variant, stage }) => [variant.name, stage])), {
    "results.json": text(`${JSON.stringify(results, null, 2)}\n`),
    "report.html": text(renderReport(results)),
    ...(listed && { [keptLists]: encodeKeptLists(listed, parts) }),
  });
  return results;
}

function samplesOf(measured: readonly Reference[], judgement: Judgement, data: Data, seed: number): Sample[] {
  const title = (item: number) => data.titles?.[item] ?? data.events.items[item] ?? String(item);
  const { seen, truth } = judgement;
  return chooseUsers(judgement, seed).map((user) => ({
    user: data.events.users[user] ?? String(user),
    history: latest(data, seen, user).map(title),
    truth: [...rowOf(truth, user)].slice(0, shown).map(title),
    lists: Object.fromEntries(
      measured.map(({ name, lists: { k, users, items } }) => {
        const at = users.indexOf(user) * k;
        const list = items.subarray(at, at + Math.min(k, shown)).filter((item) => item >= 0);
        return [name, Array.from(list, title)];
      }),
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
  return items.slice(0, shown);
}
