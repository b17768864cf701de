// Off-policy estimates on a world whose truth is known: people with tastes, a logging policy with known propensities,
// and the exact click-through rate that any other policy has.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runtime } from "../../../test/runtime.ts";
import type { Asked } from "../../artifact/answers.ts";
import { createRng, type Rng } from "../../base/rng.ts";
import { toInteractions } from "../../data/interactions.ts";
import { clickChance } from "../../data/world/sessions.ts";
import { dotRows } from "../../data/world/vectors.ts";
import { generateWorld } from "../../data/world/world.ts";
import { type ImpressionLog, restrict } from "../../evidence/off-policy/log.ts";
import type { Policy } from "../../evidence/off-policy/policy.ts";
import type { Kernels } from "../../kernels/kernels.ts";
import { openSharedKernels } from "../../kernels/open-shared.ts";
import ease from "../../models/ease.ts";
import type { Recommender } from "../../recommender/recommender.ts";
import { artifactPolicy } from "./artifact-policy.ts";
import { offPolicyOf, offPolicyOfArtifacts } from "./off-policy.ts";

const users = 60;
const items = 12;
const world = generateWorld(
  { users, items, clicks: 1500, categories: 4, days: 30, drift: 0, skew: 1, explore: 0.2 },
  createRng("off-policy"),
);
const { truth } = world;
const liking = (user: number, item: number) => dotRows(truth.userTaste, user, truth.itemTaste, item, truth.dims);
const click = (user: number, item: number) => clickChance(liking(user, item), truth.bait[item]!);

type Dense = (user: number) => Float64Array;
const normalised = (weights: Float64Array) => {
  const total = weights.reduce((sum, w) => sum + w, 0);
  return weights.map((w) => w / total);
};
const each = (of: (item: number) => number) => Float64Array.from({ length: items }, (_, item) => of(item));
/** Draws more of what a person likes, or less with a negative `keen`; some of everything. */
const personal =
  (keen: number): Dense =>
  (user) =>
    normalised(each((item) => Math.exp(keen * liking(user, item)))).map((p) => 0.2 / items + 0.8 * p);
const evenly: Dense = () => new Float64Array(items).fill(1 / items);
const always = (item: number): Dense => {
  const p = each((i) => (i === item ? 1 : 0));
  return () => p;
};

const truthOf = (dense: Dense) => {
  let sum = 0;
  for (let u = 0; u < users; u++) sum += dense(u).reduce((s, p, item) => s + p * click(u, item), 0);
  return sum / users;
};
const asPolicy = (dense: Dense): Policy => ({
  answers: () => true,
  show: (user) => ({ actions: Int32Array.from({ length: items }, (_, i) => i), probability: dense(user) }),
});

function drawFrom(p: Float64Array, rng: Rng): number {
  let x = rng.uniform();
  let item = 0;
  for (; item < items - 1 && x >= p[item]!; item++) x -= p[item]!;
  return item;
}

/** n rows, each of a person drawn at random. */
function logOf(dense: Dense, n: number, rng: Rng): ImpressionLog {
  const context = Int32Array.from({ length: n }, () => rng.below(users));
  const chances = Array.from({ length: users }, (_, u) => dense(u));
  const action = context.map((u) => drawFrom(chances[u]!, rng));
  return {
    ...{ n, items: world.events.items, action, placed: false, position: new Int32Array(n), positions: 1 },
    ...{ context, contexts: world.events.users.map((user) => ({ user })) },
    reward: Float64Array.from(action, (item, r) => (rng.uniform() < click(context[r]!, item) ? 1 : 0)),
    propensity: Float64Array.from(action, (item, r) => chances[context[r]!]![item]!),
    ...{ unit: Int32Array.from({ length: n }, (_, r) => r), units: n, excluded: [] },
  };
}

const every = ["clipped-ips", "dm", "dr", "dr-os", "ips", "replay", "sndr", "snips", "switch-dr"];
const optionsOf = (seed: string, estimators = every) => ({
  estimators: estimators.map((use) => ({ use })),
  ...{ level: 0.95, replicates: 200, rng: createRng(seed) },
});

/** Of `seeds` logs: how often each estimator's interval of 95 % holds the truth, and how often it has none. */
function coverage(logging: Dense, target: Dense, n: number, seeds: number, estimators: string[]) {
  const aim = truthOf(target);
  const held = new Map(estimators.map((name) => [name, 0]));
  const open = new Map(estimators.map((name) => [name, 0]));
  for (let seed = 0; seed < seeds; seed++) {
    const log = logOf(logging, n, createRng(`log ${seed}`));
    const found = offPolicyOf(log, [{ name: "target", policy: asPolicy(target) }], optionsOf(`${seed}`, estimators));
    for (const { method, interval } of found.policies[0]!.estimates) {
      if (!interval) open.set(method, open.get(method)! + 1);
      else if (interval[0] <= aim && aim <= interval[1]) held.set(method, held.get(method)! + 1);
    }
  }
  return { held: Object.fromEntries(held), open: Object.fromEntries(open) };
}

// Of 100 logs, Binomial(100, .95) is at least 87 with a chance of .9996; percentile intervals are a little short.
const seeds = 100;
const least = 86;

const best = Array.from({ length: items }, (_, item) => item).sort(
  (a, b) => truthOf(always(b)) - truthOf(always(a)),
)[0]!;

test("intervals hold the truth as often as they state: a uniform log, a target that knows nobody", () => {
  const { held, open } = coverage(evenly, always(best), 1200, seeds, every);
  for (const name of every) {
    // dm draws the best item towards the others, which its interval does not know.
    const [need, without] = name === "dm" ? [80, 5] : [least, 0];
    expect([name, held[name]! >= need, open[name]! <= without, held[name], open[name]]).toEqual([
      ...[name, true, true, held[name], open[name]],
    ]);
  }
});

test("and a log and a target that follow tastes; there the model of items alone is biased, and found out", () => {
  const names = every.filter((name) => name !== "replay");
  const { held, open } = coverage(personal(1), personal(5), 1500, seeds, names);
  for (const name of names.filter((one) => one !== "dm")) {
    expect([name, held[name]! >= least, held[name], open[name]]).toEqual([name, true, held[name], 0]);
  }
  expect(open["dm"]).toBeGreaterThan(95);
});

describe("an artifact", () => {
  let kernels: Kernels;
  let recommender: Recommender;
  let artifact: Asked;
  beforeAll(async () => {
    kernels = await openSharedKernels();
    const train = toInteractions(world.events);
    recommender = await ease.fit(train, ease.options.parse({ lambda: 5 }), {
      ...{ kernels, runtime, rng: createRng(1), progress() {} },
    });
    // Histories of two items each: there is something left to show.
    const few = Int32Array.from({ length: users }, (_, u) => train.indptr[u]!);
    const histories = {
      indptr: Int32Array.from({ length: users + 1 }, (_, u) => 2 * u),
      indices: Int32Array.from({ length: 2 * users }, (_, at) => train.indices[few[at >> 1]! + (at & 1)]!),
    };
    const { items: itemIds, users: userIds } = world.events;
    artifact = { recommender, itemIds, userIds, histories };
  });
  afterAll(() => kernels.close());

  /** What the artifact shows each user, as a table of probabilities. */
  const denseOf = (choice: Parameters<typeof artifactPolicy>[3]): Dense => {
    const log = logOf(evenly, 10, createRng(1));
    const policy = artifactPolicy(artifact, kernels, log, choice);
    const rows = Array.from({ length: users }, (_, u) => {
      const p = new Float64Array(items);
      const { actions, probability } = policy.show(u, 0);
      for (const [i, a] of actions.entries()) p[a]! += probability[i]!;
      return p;
    });
    policy.free();
    return (user) => rows[user]!;
  };

  test.each([
    { shows: { slots: 3 }, amongLogged: false },
    { shows: { temperature: 0.3 }, amongLogged: false },
  ])("has the click-through rate that it would have had: $shows", (choice) => {
    const aim = truthOf(denseOf(choice));
    let [held, asked] = [0, 0];
    for (let seed = 0; seed < 30; seed++) {
      const log = logOf(personal(1), 1500, createRng(`artifact ${seed}`));
      const found = offPolicyOfArtifacts(
        log,
        [{ name: "ease", artifact }],
        kernels,
        choice,
        optionsOf(`${seed}`, ["dr"]),
      );
      const [low, high] = found.policies[0]!.estimates[0]!.interval!;
      asked++;
      if (low <= aim && aim <= high) held++;
    }
    // Binomial(30, .95) is below 25 with a chance of .003.
    expect([asked, held >= 25, held]).toEqual([30, true, held]);
  });

  test("asked by a history it shows what it shows the user with that history", () => {
    const log = logOf(evenly, 50, createRng("histories"));
    const { indices } = artifact.histories!;
    const contexts = log.contexts.map((_, u) => ({
      history: Array.from(indices.subarray(2 * u, 2 * u + 2), (item) => world.events.items[item]!),
    }));
    const choice = { shows: { slots: 4 }, amongLogged: false };
    const [byUser, byHistory] = [log, { ...log, contexts }].map((some) =>
      artifactPolicy(artifact, kernels, some, choice),
    );
    for (let u = 0; u < users; u++) expect(byHistory!.show(u, 0)).toEqual(byUser!.show(u, 0));
    byUser!.free();
    byHistory!.free();
    const nobody = artifactPolicy(artifact, kernels, { ...log, contexts: [{ history: ["no such item"] }, {}] }, choice);
    expect([nobody.answers(0), nobody.answers(1)]).toEqual([false, false]);
    nobody.free();
  });

  test("never shows anybody what they have, nor what the log lacks where only logged items may be shown", () => {
    const log = logOf(evenly, 300, createRng("seen"));
    const narrow = { ...log, items: log.items.map((id, i) => (i < 6 ? id : `gone ${id}`)) };
    for (const shows of [{ slots: items }, { temperature: 0.5 }]) {
      for (const amongLogged of [false, true]) {
        const policy = artifactPolicy(artifact, kernels, narrow, { shows, amongLogged });
        for (let u = 0; u < users; u++) {
          const { actions, probability } = policy.show(u, 0);
          const seen = artifact.histories!.indices.subarray(2 * u, 2 * u + 2);
          expect([...actions].filter((a) => a >= 0 && seen.includes(a))).toEqual([]);
          expect(probability.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 9);
          const logged = Array.from({ length: 6 }, (_, i) => i).filter((i) => !seen.includes(i)).length;
          expect(actions.length).toBe(amongLogged ? logged : items - 2);
        }
        policy.free();
      }
    }
  });

  test("against itself differs by nothing, with an interval of nothing", () => {
    const log = logOf(personal(1), 1500, createRng("twice"));
    const both = ["a", "b"].map((name) => ({ name, artifact }));
    const choice = { shows: { slots: 3 }, amongLogged: false };
    const { differences } = offPolicyOfArtifacts(log, both, kernels, choice, optionsOf("twice", ["snips", "dr"]));
    expect(differences).toEqual([
      { method: "snips", estimate: 0, interval: [0, 0] },
      { method: "dr", estimate: 0, interval: [0, 0] },
    ]);
  });

  test("its list at place p is the p-th best; what it never showed and whom it does not know are counted", () => {
    const log = logOf(evenly, 400, createRng("places"));
    const placed = { ...log, placed: true, positions: 2, position: Int32Array.from({ length: 400 }, (_, r) => r % 2) };
    const policy = artifactPolicy(artifact, kernels, placed, { shows: { slots: 1 }, amongLogged: false });
    const scorer = artifactPolicy(artifact, kernels, log, { shows: { slots: 2 }, amongLogged: false });
    for (const user of [0, 17, 59]) {
      const [first, second] = [policy.show(user, 0), policy.show(user, 1)];
      expect([...first.actions, ...second.actions]).toEqual([...scorer.show(user, 0).actions]);
      expect([...first.probability]).toEqual([1]);
    }
    policy.free();
    scorer.free();

    const stranger = { ...log, contexts: log.contexts.map((c, u) => (u === 0 ? { user: "nobody" } : c)) };
    const of = (some: ImpressionLog) =>
      offPolicyOfArtifacts(
        some,
        [{ name: "ease", artifact }],
        kernels,
        { shows: { slots: 3 }, amongLogged: false },
        optionsOf("x", ["dr"]),
      );
    const strange = log.context.filter((u) => u === 0).length;
    expect(of(stranger).excluded).toEqual([{ why: "people whom a policy cannot answer", rows: strange }]);

    const onlyBad = Array.from({ length: items }, (_, i) => i).slice(0, 3);
    const narrow = restrict(log, (r) => onlyBad.includes(log.action[r]!), "other items");
    const renamed = { ...narrow, items: narrow.items.map((id, i) => (onlyBad.includes(i) ? id : `gone ${id}`)) };
    expect(of(renamed).policies[0]!.estimates[0]!.refused).toMatch(/% of what the policy shows was never logged/);
  });
});
