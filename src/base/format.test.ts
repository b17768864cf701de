import fc from "fast-check";
import { expect, test } from "vitest";
import { formatBytes, formatCount, formatSeconds, formatTable } from "./format.ts";

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.00 KB"],
  [96_512, "96.5 KB"],
  [999_499, "999 KB"],
  [999_500, "1.00 MB"],
  [23_307_392, "23.3 MB"],
  [5e15, "5000 TB"],
])("%i bytes read %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test("bytes read within half a percent and grow with what they count", () => {
  const power: Record<string, number> = { B: 1, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 9e14 }), (bytes) => {
      const [number, unit] = formatBytes(bytes).split(" ");
      expect(Math.abs(Number(number) * power[unit!]! - bytes)).toBeLessThanOrEqual(bytes * 0.0051);
    }),
  );
});

test("counts keep their digits", () => {
  expect(formatCount(1_234_567)).toBe("1,234,567");
  expect(formatCount(-1234)).toBe("-1,234");
  fc.assert(
    fc.property(fc.integer(), (n) => {
      expect(Number(formatCount(n).replaceAll(",", ""))).toBe(n);
      expect(formatCount(n)).toMatch(/^-?\d{1,3}(,\d{3})*$/);
    }),
  );
});

test.each([
  [0.4178, "0.42 s"],
  [9.999, "10.0 s"],
  [12.34, "12.3 s"],
  [59.97, "1 min 00 s"],
  [185, "3 min 05 s"],
])("%f seconds read %s", (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text);
});

test("a table lines its columns up: words to the left, numbers to the right", () => {
  expect(
    formatTable([
      ["name", "bytes", "ndcg@20"],
      ["ease", "23.3 MB", ".1950"],
      ["student", "96.5 KB", ".1954"],
    ]),
  ).toBe(["name       bytes  ndcg@20", "ease     23.3 MB    .1950", "student  96.5 KB    .1954"].join("\n"));
});

test("a table survives no rows, short rows and empty cells", () => {
  expect(formatTable([])).toBe("");
  expect(formatTable([["a", "b"], ["x"]])).toBe("a  b\nx");
});
