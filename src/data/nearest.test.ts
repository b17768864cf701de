import { expect, test } from "vitest";
import { randomBoard } from "../../test/boards.ts";
import { rowOf } from "./interactions.ts";
import { nearestRows } from "./nearest.ts";

test("nearest are the rows of the highest cosine; rows with nothing in common are none", () => {
  const board = randomBoard(3);
  const k = 6;
  const nearest = nearestRows(board, k);
  const cosine = (a: number, b: number) => {
    const [x, y] = [rowOf(board, a), rowOf(board, b)];
    return x.filter((item) => y.includes(item)).length / Math.sqrt(x.length * y.length) || 0;
  };
  for (let row = 0; row < board.users; row++) {
    const others = [...Array(board.users).keys()].filter((other) => other !== row && cosine(row, other) > 0);
    const best = others.sort((a, b) => cosine(row, b) - cosine(row, a) || a - b).slice(0, k);
    const found = [...nearest.subarray(row * k, (row + 1) * k)];
    expect(found.slice(0, best.length).map((other) => cosine(row, other).toFixed(6))).toEqual(
      best.map((other) => cosine(row, other).toFixed(6)),
    );
    expect(found.slice(best.length).every((other) => other === -1)).toBe(true);
  }
});
