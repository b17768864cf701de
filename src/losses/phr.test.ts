import { expect, test } from "vitest";
import { embeddingLoss, randomRows } from "../../test/embedding-loss.ts";
import loss from "./phr.ts";

test("every entity goes through a map of its own, made of its teacher's vector", async () => {
  const [n, from, to, hidden] = [5, 2, 3, 4];
  const side = () => ({ teacher: randomRows(n, to), student: randomRows(n, from), weight: [1, 1, 0, 1, 1] });
  const sides = { user: side(), item: side() };
  const { value, weights } = await embeddingLoss(loss, sides, { hidden });
  let expected = 0;
  for (const [name, share] of [
    ["user", 1],
    ["item", 0.5],
  ] as const) {
    const of = (part: string) => weights.get(`${name}.${part}`)!;
    for (const e of [0, 1, 3, 4]) {
      const [theirs, own] = [sides[name].teacher[e]!, sides[name].student[e]!];
      const act = Array.from({ length: hidden }, (_, k) => {
        const sum = theirs.reduce((s, x, i) => s + x * of("network.weight")[i * hidden + k]!, of("network.bias")[k]!);
        return Math.max(0, sum);
      });
      for (let y = 0; y < to; y++) {
        let out = of("shift")[y]!;
        for (const [k, a] of [1, ...act].entries()) {
          for (let x = 0; x < from; x++) out += a * of("maps")[(k * from + x) * to + y]! * own[x]!;
        }
        expected += share * (theirs[y]! - out) ** 2;
      }
    }
  }
  expect(value / expected).toBeCloseTo(1, 5);
});
