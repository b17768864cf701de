import { expect, test } from "vitest";
import { parseRecipe } from "./recipe.ts";
import { applySetting, parseRecipeText } from "./recipe-text.ts";

const base = () => ({
  name: "tiny",
  dataset: { use: "csv", path: "a.csv" },
  split: { use: "random" },
  teacher: { use: "ease" },
  students: [{ name: "small", use: "inductive", d: 8, distill: { topN: 60, terms: [{ use: "soft-label" }] } }],
});
const complaint = (change: object): string => {
  try {
    parseRecipe({ ...base(), ...change }, "tiny.yaml");
    return "accepted";
  } catch (error) {
    return (error as Error).message;
  }
};

test("fills in every default and is itself a recipe", () => {
  const recipe = parseRecipe(base(), "tiny.yaml");
  expect(recipe.teacher).toMatchObject({ use: "ease", lambda: 200 });
  expect(recipe.seed).toBe(1);
  expect(recipe.students[0]?.distill).toMatchObject({
    topN: 60,
    alpha: 0.5,
    terms: [{ use: "soft-label", weight: 1, temperature: 1 }],
  });
  expect(parseRecipe(structuredClone(recipe), "again")).toEqual(recipe);
  expect(parseRecipe(JSON.parse(JSON.stringify(recipe)), "again")).toEqual(recipe);
});

test.each([
  [{ taecher: {} }, 'tiny.yaml: there is no option "taecher". Did you mean "teacher"?'],
  [{ teacher: { use: "eaze" } }, 'tiny.yaml: teacher: there is no model named "eaze". Did you mean "ease"?'],
  [
    { teacher: { use: "ease", lamda: 1 } },
    'tiny.yaml: teacher (ease): there is no option "lamda". Did you mean "lambda"?',
  ],
  [{ teacher: { use: "ease", lambda: -1 } }, "tiny.yaml: teacher (ease): lambda must be more than 0, got -1."],
  [{ teacher: { use: "ease", lambda: "big" } }, 'tiny.yaml: teacher (ease): lambda must be a number, got "big".'],
  [{ teacher: { use: "ease", lambda: Number.NaN } }, "tiny.yaml: teacher (ease): lambda must be a number, got NaN."],
  [{ teacher: {} }, "tiny.yaml: teacher: use is missing; give a string."],
  [{ teacher: { artifact: "x", use: "ease" } }, 'tiny.yaml: teacher: there is no option "use". Known: artifact.'],
  [{ name: "../up" }, 'tiny.yaml: name must be letters, digits, dot, dash and underscore, 64 at most, got "../up".'],
  [{ seed: 1.5 }, "tiny.yaml: seed must be a whole number, got 1.5."],
  [{ dataset: undefined }, "tiny.yaml: dataset is missing; give an object."],
  [{ evaluate: { ks: [] } }, "tiny.yaml: evaluate.ks must have at least 1 entry, got []."],
  [{ evaluate: { ks: [0] } }, "tiny.yaml: evaluate.ks[0] must be at least 1, got 0."],
  [
    { evaluate: { part: "tset" } },
    'tiny.yaml: evaluate.part must be one of test, validation; got "tset". Did you mean "test"?',
  ],
  [
    { evaluate: { metrics: ["ndgc"] } },
    'tiny.yaml: evaluate.metrics: there is no metric named "ndgc". Did you mean "ndcg"?',
  ],
  [
    { students: [{ name: "teacher", use: "ease" }] },
    'tiny.yaml: students[0]: the name "teacher" is taken; every student and variant needs its own.',
  ],
  [
    { variants: [{ name: "v", of: "smal", passes: [{ use: "int8-row" }] }] },
    'tiny.yaml: variants[0] (v): there is no "smal" before it. Did you mean "small"?',
  ],
])("%j is one sentence", (change, sentence) => {
  expect(complaint(change)).toBe(sentence);
});

test("a student that cannot be guided and a loss that looks too far are refused", () => {
  const distill = { terms: [{ use: "soft-label" }] };
  expect(complaint({ students: [{ name: "s", use: "ease", distill }] })).toMatch(
    /ease cannot learn from a teacher; drop distill or use one of .*inductive/,
  );
  const short = { topN: 10, terms: [{ use: "rrd", listed: 40 }] };
  expect(complaint({ students: [{ name: "s", use: "inductive", distill: short }] })).toContain(
    "raise topN or lower listed",
  );
  const ofUsers = { terms: [{ use: "ir-rrd" }] };
  expect(complaint({ students: [{ name: "s", use: "inductive", distill: ofUsers }] })).toContain(
    "distill.terms[0] (ir-rrd) compares users, by which inductive cannot learn; use one of mf",
  );
  const cooling = { terms: [{ use: "rrd", coolTo: 1 }] };
  expect(complaint({ students: [{ name: "s", use: "mf", distill: cooling }] })).toContain(
    "distill.terms[0] (rrd) cannot cool: it has no temperature for candidates",
  );
});

const text = (source: string) => {
  try {
    return parseRecipeText(source, "r.yaml");
  } catch (error) {
    return (error as Error).message;
  }
};

test("hostile YAML is one sentence", () => {
  expect(text("a: 1\na: 2")).toBe("r.yaml:2: Map keys must be unique.");
  expect(text("- a")).toContain("a recipe is a mapping");
  expect(text("")).toContain("a recipe is a mapping");
  expect(text("a: &x [1]\nb: *x")).toContain("no YAML anchors");
  expect(text("a: [1")).toMatch(/^r\.yaml:\d+: .*\.$/);
  expect(text("a: !!js/function x")).toMatch(/^r\.yaml:1: /);
  expect(text("x".repeat(1_000_001))).toContain("is it data?");
  expect(text("a: 1\n---\nb: 2")).toMatch(/^r\.yaml/);
});

test("--set changes values by path, in lists by name or position", () => {
  const recipe = structuredClone(base()) as Record<string, unknown>;
  applySetting(recipe, "teacher.lambda=5");
  applySetting(recipe, "students.small.d=4");
  applySetting(recipe, "students.0.distill.topN=70");
  applySetting(recipe, "evaluate.ks=[5, 10]");
  expect(recipe).toMatchObject({
    teacher: { lambda: 5 },
    students: [{ d: 4, distill: { topN: 70 } }],
    evaluate: { ks: [5, 10] },
  });
  expect(() => applySetting(recipe, "teacher")).toThrow("key.path=value");
  expect(() => applySetting(recipe, "students.9.d=1")).toThrow("not in the list");
  expect(() => applySetting(recipe, "__proto__.x=1")).toThrow("nothing that can be set");
  expect(() => applySetting(recipe, "name.x=1")).toThrow("nothing that can be set");
});
