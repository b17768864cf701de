import { expect, test } from "vitest";
import { embeddingLoss, randomRows } from "../../test/embedding-loss.ts";
import loss from "./freqd.ts";

test("rebuilds the filtered vectors of the teacher from the filtered ones of the student, items by half", async () => {
  const [n, from, to] = [4, 2, 3];
  const side = () => ({ teacher: randomRows(n, to), student: randomRows(n, from), weight: [1, 0, 1, 1] });
  const sides = { user: side(), item: side() };
  const filtered = { user: side(), item: side() };
  const { value, weights } = await embeddingLoss(loss, sides, {}, filtered);
  let expected = 0;
  for (const [name, share] of [
    ["user", 1],
    ["item", 0.5],
  ] as const) {
    const [view, shift] = [weights.get(`${name}.view.weight`)!, weights.get(`${name}.view.bias`)!];
    for (const e of [0, 2, 3]) {
      for (let y = 0; y < to; y++) {
        const out = filtered[name].student[e]!.reduce((sum, x, i) => sum + x * view[i * to + y]!, shift[y]!);
        expected += share * (filtered[name].teacher[e]![y]! - out) ** 2;
      }
    }
  }
  expect(value / expected).toBeCloseTo(1, 5);
});
