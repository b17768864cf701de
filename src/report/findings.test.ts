import { expect, test } from "vitest";
import { findingLines } from "./findings.ts";

const outcome = (verdict: "pass" | "fail" | "undecided", words: string) => ({
  ...{ gate: "a gate", verdict, words, estimate: 0, limit: 0 },
});

test("lists what does not pass, and no more than a screen of it", () => {
  const models = [
    { name: "teacher" },
    {
      name: "small",
      gates: [outcome("pass", "Fine."), outcome("fail", "Too large."), outcome("undecided", "Who knows.")],
    },
  ];
  expect(findingLines(models)).toEqual(["small: fail. Too large.", "small: undecided. Who knows."]);
  const many = findingLines(Array.from({ length: 9 }, () => models[1]!));
  expect(many).toHaveLength(12);
  expect(many.at(-1)).toBe("And 7 more, which the report lists.");
});
