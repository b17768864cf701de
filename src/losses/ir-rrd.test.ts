import { expect, test } from "vitest";
import { createRng } from "../base/rng.ts";
import loss from "./ir-rrd.ts";

test("an item's users are drawn by rank, or are the first", () => {
  const list = {
    ...{ items: Int32Array.from({ length: 50 }, (_, r) => r), catalogue: 100, groups: () => new Uint8Array(0) },
    student: () => new Float32Array(0),
  };
  const places = new Int32Array(20);
  expect(loss.pick!(list, loss.options.parse({ spread: 0 }), createRng(1), places)).toBeUndefined();
  expect(loss.pick!(list, loss.options.parse({}), createRng(1), places)).toBe(20);
  expect([...places].some((rank, p) => rank !== p)).toBe(true);
});
