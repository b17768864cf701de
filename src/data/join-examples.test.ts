import { expect, test } from "vitest";
import { batches, type Examples } from "./examples.ts";
import { joinExamples } from "./join-examples.ts";

const examples = (labels: readonly number[], lists: readonly (readonly number[])[]): Examples => ({
  n: labels.length,
  label: Float32Array.from(labels),
  ...{ ids: Int32Array.from(labels.flatMap((_, r) => [r, 10 + r])), fields: 2 },
  ...{ numeric: Float32Array.from(labels, (y) => y / 2), numbers: 1 },
  bags: [
    {
      ...{ name: "tags", length: 2, pad: "right" as const },
      start: Uint32Array.from([0, ...lists.map((_, r) => lists.slice(0, r + 1).flat().length)]),
      ids: Int32Array.from(lists.flat()),
    },
  ],
  dense: [{ name: "vector", width: 2, values: Float32Array.from(labels.flatMap((y) => [y, -y])) }],
});
/** What each row feeds, as plain numbers; batches share their memory. */
const copies = (of: Examples) => {
  const rows: Record<string, number[]>[] = [];
  for (const { feeds } of batches(of, { batch: 1 }))
    rows.push(Object.fromEntries(Object.entries(feeds).map(([name, { data }]) => [name, Array.from(data, Number)])));
  return rows;
};

test("joined examples feed the rows of one and then those of the other", () => {
  const [one, other] = [examples([1, 0, 1], [[3], [], [4, 5]]), examples([0.25, 0.5], [[], [6, 7]])];
  const both = joinExamples(one, other);
  expect(both.n).toBe(5);
  expect(copies(both)).toEqual([...copies(one), ...copies(other)]);
});
