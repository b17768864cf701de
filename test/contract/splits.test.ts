// What every split promises of any dataset: one part an event, no pair in two parts, the same for the same seed.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UserError } from "../../src/base/errors.ts";
import { createRng } from "../../src/base/rng.ts";
import type { Dataset } from "../../src/kinds/dataset.ts";
import type { SplitMethod } from "../../src/kinds/split.ts";
import { all } from "../../src/splits/index.ts";

/** Any small dataset: repeated pairs, equal times, users and items without events. */
const datasets: fc.Arbitrary<Dataset> = fc
  .record({
    users: fc.integer({ min: 1, max: 8 }),
    items: fc.integer({ min: 1, max: 10 }),
    rows: fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat(30), fc.integer({ min: 0, max: 2 })), {
      minLength: 1,
      maxLength: 60,
    }),
  })
  .map(({ users, items, rows }) => ({
    events: {
      users: Array.from({ length: users }, (_, u) => `u${u}`),
      items: Array.from({ length: items }, (_, i) => `i${i}`),
      user: Int32Array.from(rows, (row) => row[0] % users),
      item: Int32Array.from(rows, (row) => row[1] % items),
      value: Float32Array.from(rows, () => 1),
      time: Float64Array.from(rows, (row) => 1e9 + row[2]),
    },
    part: Uint8Array.from(rows, (row) => row[3]),
  }));

describe.each(all as unknown as readonly SplitMethod[])("$name", (split) => {
  const options = split.options.parse({});

  /** The parts, or undefined where the split refuses the dataset in a sentence. */
  const divide = (dataset: Dataset, seed = 1): Uint8Array | undefined => {
    try {
      return split.split(dataset, options, createRng(seed));
    } catch (error) {
      if (error instanceof UserError && /^split \(.*\.$/s.test(error.message)) return undefined;
      throw error;
    }
  };
  const holds = (property: (dataset: Dataset, part: Uint8Array) => void) =>
    fc.assert(
      fc.property(datasets, (dataset) => {
        const part = divide(dataset);
        fc.pre(part !== undefined);
        property(dataset, part!);
      }),
    );

  test(`gives every event one part${split.needsTime ? " or leaves it out" : ""}`, () => {
    holds(({ events }, part) => {
      expect(part).toHaveLength(events.user.length);
      const allowed = split.needsTime ? [0, 1, 2, 255] : [0, 1, 2];
      expect([...part].filter((p) => !allowed.includes(p))).toEqual([]);
    });
  });

  test("never puts one pair of user and item into two parts", () => {
    holds(({ events }, part) => {
      const partOf = new Map<string, number>();
      for (let e = 0; e < part.length; e++) {
        if (part[e] === 255) continue;
        const pair = `${events.user[e]}/${events.item[e]}`;
        expect(partOf.get(pair) ?? part[e]).toBe(part[e]);
        partOf.set(pair, part[e]!);
      }
    });
  });

  test("is the same for the same seed, and changes nothing it was given", () => {
    holds((dataset, part) => {
      const before = structuredClone(dataset);
      expect(divide(dataset)).toEqual(part);
      expect(dataset).toEqual(before);
    });
  });

  test("does not depend on the order in which the events were logged", () => {
    holds(({ events, part: given }, part) => {
      const turned: Dataset = {
        events: {
          ...events,
          user: events.user.toReversed(),
          item: events.item.toReversed(),
          value: events.value.toReversed(),
          time: events.time!.toReversed(),
        },
        part: given!.toReversed(),
      };
      expect(divide(turned)).toEqual(part.toReversed());
    });
  });

  // The parts that a source publishes are what they are.
  const published = split.name === "given";
  test(`never tests a user of whom it leaves nothing to learn from${published ? ", if the source did not" : ""}`, () => {
    holds(({ events }, part) => {
      if (published) return;
      const learnt = new Set([...events.user].filter((_, e) => part[e] === 0));
      expect([...events.user].filter((user, e) => (part[e] === 1 || part[e] === 2) && !learnt.has(user))).toEqual([]);
    });
  });

  test(split.needsTime ? "refuses events without times" : "does without times", () => {
    fc.assert(
      fc.property(datasets, (dataset) => {
        const { time: _, ...events } = dataset.events;
        const timeless = { ...dataset, events };
        if (split.needsTime) expect(() => split.split(timeless, options, createRng(1))).toThrow(UserError);
        else expect(split.split(timeless, options, createRng(1))).toHaveLength(events.user.length);
      }),
    );
  });
});
