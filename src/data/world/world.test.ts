// The world keeps its word: what it calls the truth is what its log follows.

import { beforeAll, describe, expect, test } from "vitest";
import { createRng } from "../../base/rng.ts";
import { toInteractions } from "../interactions.ts";
import type { WorldOptions } from "./options.ts";
import { dotRows } from "./vectors.ts";
import { generateWorld, type World } from "./world.ts";

const options: WorldOptions = {
  ...{ users: 300, items: 800, clicks: 12_000, categories: 8, days: 30, drift: 0.5, skew: 1, explore: 0.1 },
};
let world: World;
beforeAll(() => {
  world = generateWorld(options, createRng(1));
});

test("the same seed gives the same bytes, another seed others", () => {
  expect(generateWorld(options, createRng(1))).toEqual(world);
  expect(generateWorld(options, createRng(2)).events).not.toEqual(world.events);
});

test("makes about the clicks asked for, each pair once, within the log's time", () => {
  const { events, truth, satisfaction } = world;
  expect(events.user.length).toBeGreaterThan(0.9 * options.clicks);
  expect(events.user.length).toBeLessThan(1.1 * options.clicks);
  expect(toInteractions(events).indices.length).toBe(events.user.length);
  expect(satisfaction.length).toBe(events.user.length);
  for (const t of events.time!) {
    expect(t).toBeGreaterThanOrEqual(truth.span[0]);
    // A last session may run past midnight of the last day.
    expect(t).toBeLessThan(truth.span[1] + 86_400);
  }
});

test("the clicks are the clicked exposures", () => {
  const { exposures, events } = world;
  const clicked = Array.from(exposures.clicked.keys()).filter((e) => exposures.clicked[e]);
  expect(Array.from(events.item)).toEqual(clicked.map((e) => exposures.item[e]!));
  expect(Array.from(events.user)).toEqual(clicked.map((e) => exposures.user[e]!));
});

test("propensities are true: 1 / propensity sums to the catalogue, on the whole and over any half of it", () => {
  // E[1(item in S) / p] = |S|; a mean over n exposures has a standard error that the sample itself gives.
  const { item, propensity } = world.exposures;
  for (const inSet of [() => true, (i: number) => i % 2 === 0, (i: number) => world.truth.popularity[i]! > 0.002]) {
    const size = Array.from({ length: options.items }, (_, i) => i).filter(inSet).length;
    const terms = Array.from(item, (i, e) => (inSet(i) ? 1 / propensity[e]! : 0));
    const mean = terms.reduce((sum, x) => sum + x, 0) / terms.length;
    const variance = terms.reduce((sum, x) => sum + (x - mean) ** 2, 0) / terms.length;
    expect(Math.abs(mean - size)).toBeLessThan(4.5 * Math.sqrt(variance / terms.length));
  }
});

const mean = (values: number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;

describe("the truth shows in the log", () => {
  test("people click what they like, and drift towards what they come to like", () => {
    const { truth, exposures } = world;
    const liking = (e: number) =>
      dotRows(truth.userTaste, exposures.user[e]!, truth.itemTaste, exposures.item[e]!, truth.dims);
    const drawn = (e: number) =>
      dotRows(truth.userDrift, exposures.user[e]!, truth.itemTaste, exposures.item[e]!, truth.dims);
    const all = Array.from(exposures.item.keys());
    const clicked = all.filter((e) => exposures.clicked[e]);
    expect(mean(clicked.map(liking))).toBeGreaterThan(mean(all.map(liking)) + 0.05);
    const middle = (truth.span[0] + truth.span[1]) / 2;
    const [late, early] = [(e: number) => exposures.time[e]! > middle, (e: number) => exposures.time[e]! <= middle];
    expect(mean(clicked.filter(late).map(drawn))).toBeGreaterThan(mean(clicked.filter(early).map(drawn)) + 0.02);
  });

  test("attention follows a power law", () => {
    const counts = new Int32Array(options.items);
    for (const i of world.exposures.item) counts[i]!++;
    const sorted = counts.toSorted((a, b) => b - a);
    const head = sorted.subarray(0, options.items / 10).reduce((sum, n) => sum + n, 0);
    expect(head / world.exposures.item.length).toBeGreaterThan(0.25);
    expect(head / world.exposures.item.length).toBeLessThan(0.6);
  });

  test("a neighbour's category says what a person clicks next, popularity much less", () => {
    // Leave the last click out: how often is it in the person's most clicked category, against the world's?
    const { events, category } = world;
    let [own, world_, n] = [0, 0, 0];
    const total = new Int32Array(options.categories);
    for (const i of events.item) total[category[i]!]!++;
    const best = total.indexOf(Math.max(...total));
    for (let from = 0, to = 0; from < events.user.length; from = to) {
      while (to < events.user.length && events.user[to] === events.user[from]) to++;
      const counts = new Int32Array(options.categories);
      for (let e = from; e < to - 1; e++) counts[category[events.item[e]!]!]!++;
      const last = category[events.item[to - 1]!]!;
      if (last === counts.indexOf(Math.max(...counts))) own++;
      if (last === best) world_++;
      n++;
    }
    expect(own / n).toBeGreaterThan(1.5 * (world_ / n));
  });

  test("text says more of an item's taste than its image", () => {
    const { text, image, featureSize, truth } = world;
    const agreement = (view: Float32Array) => {
      let sum = 0;
      for (let a = 0; a + 1 < options.items; a++) {
        const there = dotRows(view, a, view, a + 1, featureSize);
        sum += Math.abs(there - dotRows(truth.itemTaste, a, truth.itemTaste, a + 1, truth.dims));
      }
      return -sum;
    };
    expect(agreement(text)).toBeGreaterThan(agreement(image));
  });
});
