import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { sha256 } from "./sha256.ts";

const reference = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest("hex");

test("agrees with node:crypto on any bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      expect(sha256(bytes)).toBe(reference(bytes));
    }),
    { numRuns: 300 },
  );
});

test("agrees at every length around the block borders", () => {
  const bytes = Uint8Array.from({ length: 200 }, (_, i) => i * 7);
  for (let n = 0; n <= bytes.length; n++) expect(sha256(bytes.subarray(0, n))).toBe(reference(bytes.subarray(0, n)));
});

test("reads a view from its own offset, not from the start of its buffer", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 80, maxLength: 300 }), fc.nat(79), (bytes, at) => {
      expect(sha256(bytes.subarray(at))).toBe(reference(bytes.slice(at)));
    }),
  );
});

test("hashes a string as its UTF-8 bytes", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      expect(sha256(text)).toBe(reference(new TextEncoder().encode(text)));
    }),
  );
});

test("agrees on 8 MiB", () => {
  const bytes = new Uint8Array(8 << 20).map((_, i) => i >>> 3);
  expect(sha256(bytes)).toBe(reference(bytes));
});
