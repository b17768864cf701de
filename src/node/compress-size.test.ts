import { expect, test } from "vitest";
import { createRng } from "../base/rng.ts";
import { compressedBytes } from "./compress-size.ts";

test("files are compressed each on its own: what repeats shrinks, what is random does not", async () => {
  const rng = createRng(1);
  const random = Uint8Array.from({ length: 10_000 }, () => rng.below(256));
  const same = new Uint8Array(10_000);
  const both = await compressedBytes([random, same]);
  const twice = await compressedBytes([random, random]);
  expect(both.gzip).toBeGreaterThan(10_000);
  expect(both.gzip).toBeLessThan(10_200);
  expect(both.brotli).toBeLessThan(10_100);
  expect(twice.brotli).toBeGreaterThan(20_000);
  expect(await compressedBytes([])).toEqual({ gzip: 0, brotli: 0 });
});

test("large files are measured too", async () => {
  const { gzip, brotli } = await compressedBytes([new Uint8Array(5_000_000)]);
  expect(gzip).toBeLessThan(10_000);
  expect(brotli).toBeLessThan(1000);
});
