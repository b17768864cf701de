import { expect, test } from "vitest";
import { createRng } from "../base/rng.ts";
import loss from "./unkd.ts";

test("both of a pair are of one group, the better first, and groups have their share", () => {
  const options = loss.options.parse({ pairs: 20, groups: 2 });
  const of = Uint8Array.from({ length: 100 }, (_, i) => (i < 90 ? 0 : 1));
  const items = createRng(1).shuffle(Int32Array.from({ length: 100 }, (_, i) => i));
  const places = new Int32Array(40);
  expect(
    loss.pick!(
      { items, groups: () => of, catalogue: 100, student: () => new Float32Array(0) },
      options,
      createRng(2),
      places,
    ),
  ).toBe(40);
  const group = (place: number) => of[items[place]!]!;
  let rare = 0;
  for (let p = 0; p < 20; p++) {
    expect(places[p]!).toBeLessThan(places[20 + p]!);
    expect(group(places[p]!)).toBe(group(places[20 + p]!));
    rare += group(places[p]!);
  }
  expect(rare).toBe(10);
});

test("a spread far below a rank pairs the best two", () => {
  const options = loss.options.parse({ pairs: 3, groups: 1, spread: 1e-3 });
  const list = { items: Int32Array.of(4, 5, 6), groups: () => new Uint8Array(7), catalogue: 7 };
  const places = new Int32Array(6);
  expect(loss.pick!({ ...list, student: () => new Float32Array(0) }, options, createRng(3), places)).toBe(6);
  expect(Array.from(places)).toEqual([0, 0, 0, 1, 1, 1]);
});
