// What every split promises, and what each does in particular.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRng } from "../base/rng.ts";
import { toEvents } from "../data/events.ts";
import type { Dataset } from "../kinds/dataset.ts";
import given from "./given.ts";
import leaveOneOut from "./leave-one-out.ts";
import random from "./random.ts";
import temporal from "./temporal.ts";

type Row = readonly [user: number, item: number, time: number, part: number];

const datasetOf = (rows: readonly Row[]): Dataset => ({
  events: toEvents({
    user: rows.map((r) => `u${r[0]}`),
    item: rows.map((r) => `i${r[1]}`),
    time: Float64Array.from(rows, (r) => r[2]),
  }),
  part: Uint8Array.from(rows, (r) => r[3]),
});
const rows = fc.array(fc.tuple(fc.nat(6), fc.nat(12), fc.nat(50), fc.nat(2)), { minLength: 1, maxLength: 80 });
const runs: [string, (dataset: Dataset, seed: number) => Uint8Array][] = [
  ["random", (d, s) => random.split(d, { test: 0.3, validation: 0.2 }, createRng(s))],
  ["leave-one-out", (d, s) => leaveOneOut.split(d, { validation: true }, createRng(s))],
  ["given", (d, s) => given.split(d, { validation: "given" }, createRng(s))],
  ["given, a fraction", (d, s) => given.split(d, { validation: 0.3 }, createRng(s))],
  ["temporal", (d, s) => temporal.split(d, { test: 0.2, validation: 0.1 }, createRng(s))],
];

describe.each(runs)("%s", (name, split) => {
  const property = (check: (dataset: Dataset, part: Uint8Array, seed: number) => void) =>
    fc.assert(
      fc.property(rows, fc.nat(), (given, seed) => {
        const dataset = datasetOf(given);
        let part: Uint8Array;
        try {
          part = split(dataset, seed);
        } catch (error) {
          // Few events at few times leave temporal nothing to cut; it says so.
          expect(String(error)).toMatch(/temporal.*would be empty/);
          return;
        }
        check(dataset, part, seed);
      }),
    );

  test("gives every event a part, and each pair one part only", () =>
    property(({ events }, part) => {
      expect(part.length).toBe(events.user.length);
      const seen = new Map<string, number>();
      for (const [e, p] of part.entries()) {
        expect([0, 1, 2, 255]).toContain(p);
        if (p === 255) continue;
        const pair = `${events.user[e]}/${events.item[e]}`;
        expect(seen.get(pair) ?? p).toBe(p);
        seen.set(pair, p);
      }
    }));

  test("is decided by its seed", () => property((dataset, part, seed) => expect(split(dataset, seed)).toEqual(part)));

  if (!name.startsWith("given")) {
    test("leaves each user with something held out something to train on", () =>
      property(({ events }, part) => {
        const trained = new Set(Array.from(events.user).filter((_, e) => part[e] === 0));
        for (const [e, p] of part.entries()) if (p === 1 || p === 2) expect(trained).toContain(events.user[e]);
      }));
  }
});

const count = (part: Uint8Array, p: number) => part.reduce((n, x) => n + (x === p ? 1 : 0), 0);
const user = (n: number): Row[] => Array.from({ length: n }, (_, i) => [0, i, i, 0]);

test.each([
  [1, 0.2, 0.1, 0, 0],
  [2, 0.2, 0.1, 1, 0],
  [3, 0.2, 0.1, 1, 1],
  [12, 0.2, 0.1, 2, 1],
  [13, 0.2, 0, 3, 0],
  [10, 0.9, 0.9, 9, 0],
  [10, 0, 0, 0, 0],
])("random: of %d items at %d and %d, %d are test and %d validation", (n, test, validation, tests, validations) => {
  const part = random.split(datasetOf(user(n)), { test, validation }, createRng(1));
  expect([count(part, 2), count(part, 1)]).toEqual([tests, validations]);
});

test("random: all items are held out alike", () => {
  const held = new Float64Array(10);
  for (let seed = 0; seed < 2000; seed++) {
    const part = random.split(datasetOf(user(10)), { test: 0.2, validation: 0 }, createRng(seed));
    for (const [i, p] of part.entries()) if (p === 2) held[i]! += 1 / 2000;
  }
  // Standard error 0.009.
  for (const share of held) expect(Math.abs(share - 0.2)).toBeLessThan(0.045);
});

test("leave-one-out: last by time, the one before it for validation; two items leave none for it", () => {
  const dataset = datasetOf([
    [0, 1, 30, 0],
    [0, 2, 10, 0],
    [0, 3, 20, 0],
    [1, 1, 5, 0],
    [1, 2, 6, 0],
    [2, 1, 1, 0],
    [0, 2, 40, 0],
  ]);
  expect([...leaveOneOut.split(dataset, { validation: true }, createRng(1))]).toEqual([1, 2, 0, 0, 2, 0, 2]);
  expect([...leaveOneOut.split(dataset, { validation: false }, createRng(1))]).toEqual([0, 2, 0, 0, 2, 0, 2]);
});

test("leave-one-out: without times, by chance", () => {
  const { time: _, ...events } = datasetOf(user(5)).events;
  const chosen = new Set<number>();
  for (let seed = 0; seed < 60; seed++) {
    chosen.add(leaveOneOut.split({ events }, { validation: false }, createRng(seed)).indexOf(2));
  }
  expect(chosen.size).toBe(5);
});

const pairs: Row[] = [
  [0, 1, 0, 0],
  [0, 1, 0, 1],
  [0, 2, 0, 0],
  [0, 3, 0, 1],
  [0, 4, 0, 2],
  [0, 4, 0, 0],
];
test("given: a pair in two parts is of the higher; validation may be trained on", () => {
  expect([...given.split(datasetOf(pairs), { validation: "given" }, createRng(1))]).toEqual([1, 1, 0, 1, 2, 2]);
  expect([...given.split(datasetOf(pairs), { validation: "train" }, createRng(1))]).toEqual([0, 0, 0, 0, 2, 2]);
});

test("given refuses a dataset without parts", () => {
  const { events } = datasetOf(pairs);
  expect(() => given.split({ events }, { validation: "given" }, createRng(1))).toThrow(
    /comes without parts; use another/,
  );
});

describe("temporal", () => {
  const log = datasetOf([
    [0, 1, 10, 0],
    [0, 2, 20, 0],
    [0, 1, 30, 0],
    [0, 3, 30, 0],
    [1, 1, 40, 0],
    [0, 4, 25, 0],
  ]);
  test("cuts at moments; repeats and unseen users are left out", () => {
    expect([...temporal.split(log, { test: "1970-01-01T00:00:30Z", validation: undefined }, createRng(1))]).toEqual([
      0, 0, 255, 2, 255, 0,
    ]);
    expect([...temporal.split(log, { test: "1970-01-01T00:00:30Z", validation: 0.3 }, createRng(1))]).toEqual([
      0, 1, 255, 2, 255, 1,
    ]);
  });
  test.each([
    ["1960-01-01", undefined, /train would be empty; the events run from 1970-01-01T00:00 to/],
    ["2060-01-01", undefined, /test would be empty/],
    ["1970-01-01T00:00:20Z", "1970-01-01T00:00:30Z", /validation begins after test/],
  ])("refuses a cut at %s, %s", (test, validation, message) =>
    expect(() => temporal.split(log, { test, validation }, createRng(1))).toThrow(message),
  );
  test("refuses a dataset without times", () => {
    const { time: _, ...events } = log.events;
    expect(() => temporal.split({ events }, { test: 0.2, validation: undefined }, createRng(1))).toThrow(
      /has no times/,
    );
  });
  test.each([0, 1.5, "soon", -1])("refuses the cut %j", (test) =>
    expect(temporal.options.safeParse({ test }).success).toBe(false),
  );
});
