import { expect, test } from "vitest";
import { createRng } from "../base/rng.ts";
import { compressedBytes } from "./compress-size.ts";

test("what repeats shrinks, what is random does not", async () => {
  const rng = createRng(1);
  const random = await compressedBytes(Uint8Array.from({ length: 10_000 }, () => rng.below(256)));
  for (const bytes of [random.gzip, random.brotli]) {
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThan(10_200);
  }
  expect((await compressedBytes(new Uint8Array(10_000))).gzip).toBeLessThan(100);
});

test("large files are measured too", async () => {
  const { gzip, brotli } = await compressedBytes(new Uint8Array(5_000_000));
  expect(gzip).toBeLessThan(10_000);
  expect(brotli).toBeLessThan(1000);
});
