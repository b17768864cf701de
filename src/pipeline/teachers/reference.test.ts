import { expect, test } from "vitest";
import { toInteractions } from "../../data/interactions.ts";
import { catalogueOf } from "../../evidence/catalogue.ts";
import type { Bench } from "../bench.ts";
import type { Recipe } from "../recipe.ts";
import { measureLists } from "./reference.ts";
import type { ListTeacher } from "./teacher.ts";

// Three users, six items; pairs of a user and an item.
const matrix = (...pairs: readonly (readonly [number, number])[]) =>
  toInteractions({
    ...{ users: ["a", "b", "c"], items: [..."012345"], value: new Float32Array(pairs.length).fill(1) },
    ...{ user: Int32Array.from(pairs, ([u]) => u), item: Int32Array.from(pairs, ([, i]) => i) },
  });
const train = matrix([0, 0], [1, 0], [2, 0]);
const judgement = { train, seen: matrix([0, 0], [0, 2], [1, 0], [2, 0]), truth: matrix([0, 3], [2, 1]) };
const bench = { judgement, catalogue: catalogueOf(train, undefined), metrics: [], slices: [] } as unknown as Bench;
const recipe = { evaluate: { ks: [1, 2] } } as unknown as Recipe;
const teacher: ListTeacher = {
  ...{ name: "teacher", role: "teacher", method: "lists", key: "k", scored: false, leftOut: [] },
  lists: { n: 3, items: Int32Array.of(2, 3, 4, 1, 2, 3, 5, -1, -1), scores: new Float32Array(9) },
};

test("lists of those who are judged, without what they had taken since, as long as is asked", () => {
  const { lists } = measureLists(teacher, bench, recipe);
  expect([...lists.users]).toEqual([0, 2]);
  expect([...lists.items]).toEqual([3, 4, 5, -1]);
});

test("only candidates, where a recipe names them", () => {
  const candidates = { start: Int32Array.of(0, 2, 2, 3), items: Int32Array.of(2, 4, 1) } as never;
  expect([...measureLists(teacher, { ...bench, candidates }, recipe).lists.items]).toEqual([4, -1, -1, -1]);
});
