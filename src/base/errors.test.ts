import fc from "fast-check";
import { expect, test } from "vitest";
import { bug, must, suggest, UserError } from "./errors.ts";

const names = ["quantize-int8", "prune-magnitude", "fp16", "codebook"];

test("suggests the name that was meant", () => {
  expect(suggest("quantise-int8", names)).toBe('Did you mean "quantize-int8"?');
  expect(suggest("FP16", names)).toBe('Did you mean "fp16"?');
});

test("lists what is known when nothing is near", () => {
  expect(suggest("zebra", names)).toBe(`Known: ${names.join(", ")}.`);
});

test("one typed letter wrong is always found again", () => {
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.nat(), fc.constantFrom(..."xyz"), (name, at, letter) => {
      const i = at % name.length;
      expect(suggest(name.slice(0, i) + letter + name.slice(i + 1), names)).toBe(`Did you mean "${name}"?`);
    }),
  );
});

test("answers hostile names too", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), fc.array(fc.string(), { maxLength: 5 }), (got, known) => {
      expect(suggest(got, known)).toMatch(/^(Did you mean "|Known: )/);
    }),
  );
});

test("a bug names the promise; a user's mistake is another class", () => {
  expect(() => bug("rows are sorted")).toThrow("This is a bug in distilrec: rows are sorted");
  expect(() => must(undefined, "the item table")).toThrow("the item table is missing");
  expect(must(0, "zero")).toBe(0);
  expect(new UserError("x")).toMatchObject({ name: "UserError", message: "x" });
});
