import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openSurroundings } from "../node/surroundings.ts";
import type { Cost } from "../report/cost-results.ts";
import type { Variant } from "../report/results.ts";
import { type Bench, benchOf } from "./bench.ts";
import { divide, type Parts } from "./divide.ts";
import { gatesOf } from "./gates.ts";
import { judge } from "./judge.ts";
import { type Measured, measure } from "./measure.ts";
import { readData } from "./read-data.ts";
import { fill, parseRecipe } from "./recipe.ts";
import type { Sealed } from "./seal.ts";
import { teachModel } from "./teach.ts";

type Gates = readonly Readonly<Record<string, string | number>>[];
const recipeOf = (gates: Gates, evaluate: object = {}) =>
  parseRecipe(
    {
      ...{ name: "judged", dataset: { use: "world", users: 400, items: 150, clicks: 9000 }, split: { use: "random" } },
      ...{ teacher: { use: "ease", lambda: 50 }, evaluate: { ks: [10], ...evaluate }, gates },
    },
    "judged.yaml",
  );

// Only what gates read.
const cost = {
  ...{ bytes: { raw: 1500, gzip: 900, brotli: 800 }, parameters: { tables: 10, weights: 0 } },
  ...{ flops: { fixed: 0, perRow: 40 }, energy: { joulesPerThousand: 2 }, memory: { answering: { bytes: 1e6 } } },
  latency: [{ runtime: "node", batch: 1, p50: 0.1, p95: 0.2, p99: 0.3 }],
} as unknown as Cost;
const sealedOf = (measured: Measured): Sealed => {
  const { name, role, method, quality } = measured;
  const variant: Variant = { name, role, method, ...quality, cost, artifact: "" };
  return { ...measured, variant, stage: { stage: "", key: "" } };
};

let around: Awaited<ReturnType<typeof openSurroundings>>;
let made: { bench: Bench; parts: Parts; models: Sealed[] };
beforeAll(async () => {
  const progress = { start: () => ({ step() {}, end() {} }), stop() {} };
  around = await openSurroundings({ base: ".", command: "test", progress, threads: 1 });
  const recipe = recipeOf([]);
  const data = await readData(recipe, around);
  const parts = divide(data, recipe, around);
  const teacher = await teachModel(fill("model", { use: "ease", lambda: 50 }, "ease"), parts, recipe.seed, around);
  const popular = await teachModel({ use: "popularity" }, parts, recipe.seed, around);
  const bench = await benchOf(data, parts, recipe, around);
  const candidates = [
    teacher,
    { ...teacher, name: "twin", role: "variant" as const },
    { ...popular, name: "popular", role: "student" as const },
  ];
  const models = (await measure(candidates, bench, parts, recipe, around)).map(sealedOf);
  made = { bench, parts, models };
});
afterAll(() => around.close());

const judged = async (gates: Gates) => {
  const recipe = recipeOf(gates);
  const all = await judge(made.models, gatesOf(recipe, made.bench), made.bench, made.parts, recipe, around);
  return Object.fromEntries(all.map(({ variant }) => [variant.name, variant]));
};
const verdicts = ({ gates = [] }: Variant) => gates.map(({ verdict }) => verdict);

describe("fidelity", () => {
  test("a twin is the teacher in every measure and hurts nobody; what is popular is far from it", async () => {
    const { teacher, twin, popular } = await judged([]);
    expect(teacher!.fidelity).toBeUndefined();
    expect(teacher!.gates).toBeUndefined();
    expect(twin!.gates).toBeUndefined();
    const { metrics, hurt, against } = twin!.fidelity!;
    expect(metrics).toEqual({
      ...{ "overlap@10": 1, "rbo@10": expect.closeTo(1, 9), "kendall@10": 1, "drift@10": 0 },
    });
    expect([hurt, against]).toEqual([[], "teacher"]);
    expect(popular!.fidelity!.metrics["overlap@10"]).toBeLessThan(0.7);
    expect(popular!.fidelity!.metrics["drift@10"]).toBeGreaterThan(0.2);
    expect(popular!.fidelity!.hurt).toHaveLength(10);
    const lost = popular!.fidelity!.hurt.map((one) => one.lost);
    expect(lost).toEqual([...lost].sort((a, b) => b - a));
    expect(popular!.fidelity!.slices.map(({ name }) => name)).toEqual(
      made.bench.slices.some(({ name, member }) => name === "cold" && member.includes(1)) ? ["cold"] : [],
    );
  });
});

describe("gates", () => {
  test("of every kind, in the recipe's order, in words", async () => {
    const { twin, popular } = await judged([
      { metric: "ndcg@10", maxDrop: "5%", type: "relative" },
      { metric: "ndcg@10", maxDrop: 0.05, test: "bootstrap", slice: "tail" },
      { "overlap@10": "≥ 0.9" },
      { "coverage@10": 0.01 },
      { "recall@10": "≥ 99 %" },
      ...[{ bytes: "≤ 2 KB" }, { brotli: "≤ 0.5 KB" }, { latencyP99: "≤ 300 µs" }, { energy: "≤ 1 J" }],
      ...[{ memory: "1 MB" }, { flops: 40 }, { parameters: "≤ 9" }, { latencyP50: "≤ 1ms" }, { gzip: 900 }],
    ]);
    expect(verdicts(twin!).slice(0, 9)).toEqual([
      ...["pass", "pass", "pass", "pass", "fail", "pass", "fail", "pass", "fail"],
    ]);
    expect(verdicts(twin!).slice(9)).toEqual(["pass", "pass", "fail", "pass", "pass"]);
    expect(verdicts(popular!).slice(0, 3)).toEqual(["fail", expect.any(String), "fail"]);
    const [first, , , , , bytes] = popular!.gates!;
    expect(first!.gate).toBe("NDCG@10 drops at most 5 %");
    expect(first!.words).toMatch(
      /^NDCG@10 drops by [\d.]+ % over \d+ users, and with 95 % confidence by more than [\d.]+ %; 5 % is allowed\.$/,
    );
    expect(bytes).toEqual({
      ...{ gate: "Bytes to ship at most 2.00 KB", verdict: "pass", estimate: 1500, limit: 2000 },
      words: "Bytes to ship are 1.50 KB; at most 2.00 KB is asked.",
    });
  });

  test("the same seed gives the same bounds; every number can be written as JSON", async () => {
    const gates = [{ metric: "ndcg@10", maxDrop: "1%", test: "bootstrap" }];
    const [one, two] = [await judged(gates), await judged(gates)];
    expect(one["popular"]!.gates).toEqual(two["popular"]!.gates);
    expect(JSON.parse(JSON.stringify(one["popular"]!.gates))).toEqual(one["popular"]!.gates);
  });

  test("a slice of nobody is undecided, in a sentence", async () => {
    const empty = { name: "cold", of: "users", member: new Uint8Array(400) } as const;
    const bench = { ...made.bench, slices: [empty] };
    const recipe = recipeOf([
      { metric: "ndcg@10", maxDrop: "5%", slice: "cold" },
      { "overlap@10": 0.5, slice: "cold" },
    ]);
    const all = await judge(made.models, gatesOf(recipe, bench), bench, made.parts, recipe, around);
    const { gates } = all[1]!.variant;
    expect(gates!.map(({ verdict, words }) => [verdict, words])).toEqual([
      ["undecided", "NDCG@10 (cold) rests on no users here, so that nothing is shown."],
      ["undecided", "Overlap@10 (cold) rests on no users here, so that nothing is shown."],
    ]);
  });

  test.each([
    [
      { metric: "ndcg@20", maxDrop: "1%" },
      {},
      'judged.yaml: gates[0]: there is no metric "ndcg@20" here. Did you mean',
    ],
    [{ metric: "recall@10", maxDrop: "1%" }, { metrics: ["ndcg"] }, 'there is no metric "recall@10" here.'],
    [{ metric: "coverage@10", maxDrop: "1%" }, {}, "coverage@10 has no values of users to test. Give it a limit"],
    [{ "overlap@20": "≥ 0.5" }, {}, 'gates[0]: there is no "overlap@20" here to limit. Did you mean "overlap@10"?'],
    [{ ece: "≤ 0.01" }, {}, 'there is no "ece" here to limit.'],
    [{ bytes: "≤ 5 ms" }, {}, 'gates[0].bytes: "5 ms" is no limit; write ≤ or ≥ and a number, with B, KB'],
  ])("%j is refused before anything is read", (gate, evaluate, message) => {
    const text = message.replace('"5 ms"', '"≤ 5 ms"');
    expect(() => recipeOf([gate as unknown as Record<string, string>], evaluate)).toThrow(text);
  });

  test.each([{ "overlap@10": 0.5 }, { metric: "diversity@10", maxDrop: "5%" }, { "coverage@10": 0.1 }])(
    "%j has no slice of items",
    (gate) => {
      const recipe = recipeOf([{ ...(gate as unknown as Record<string, string>), slice: "tail" }]);
      expect(() => gatesOf(recipe, made.bench)).toThrow(/"tail" is a slice of items, and .*@10 is of whole lists/);
    },
  );

  test("a slice that the data does not have is refused before anything is trained", () => {
    const recipe = recipeOf([{ metric: "ndcg@10", maxDrop: "1%", slice: "tale" }]);
    expect(() => gatesOf(recipe, made.bench)).toThrow(
      'judged: gates[0].slice: there is no slice "tale" here. Did you mean "tail"?',
    );
  });
});
