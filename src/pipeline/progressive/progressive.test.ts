import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openSurroundings } from "../../node/surroundings.ts";
import { decodeTable } from "../../tables/decode.ts";
import { tableBytes } from "../../tables/table.ts";
import { compress } from "../compress-variants.ts";
import { divide, type Parts } from "../divide.ts";
import type { Candidate } from "../fit.ts";
import { type Data, readData } from "../read-data.ts";
import { parseRecipe } from "../recipe.ts";
import { type Files, noStore, type Store } from "../stage.ts";
import { teachModel } from "../teach.ts";

const steps = [{ use: "int8-row" }, { use: "int4-row" }, { use: "int2-row" }];
const gate = { metric: "ndcg@10", maxDrop: "10%" };
const recover = { loss: "rrd", listed: 10, unlisted: 20, topN: 20, epochs: 2, learningRate: 0.01 };
const recipeOf = (progressive: object, more: object = {}) =>
  parseRecipe(
    {
      ...{ name: "steps", dataset: { use: "world", users: 300, items: 120, clicks: 9000 } },
      ...{ split: { use: "random", validation: 0.2 }, teacher: { use: "ials", d: 16, epochs: 3 } },
      ...{ evaluate: { ks: [10] }, variants: [{ name: "tiny", of: "teacher", progressive }], ...more },
    },
    "steps.yaml",
  );

let around: Awaited<ReturnType<typeof openSurroundings>>;
let data: Data;
let parts: Parts;
let teacher: Candidate;
beforeAll(async () => {
  const progress = { start: () => ({ step() {}, end() {} }), stop() {} };
  around = await openSurroundings({ base: ".", command: "test", progress, threads: 1 });
  const recipe = recipeOf({ steps, gate });
  data = await readData(recipe, around);
  parts = divide(data, recipe, around);
  teacher = await teachModel({ use: "ials", ...recipe.teacher } as never, parts, 1, around);
});
afterAll(() => around.close());

const variantOf = async (progressive: object, store: Store = noStore) => {
  const made = await compress([teacher], teacher, data, parts, recipeOf(progressive), { ...around, store });
  return made.at(-1)!;
};
const verdicts = ({ steps: done = [] }: Candidate) => done.map((one) => one.gate.verdict === "pass");
const encodings = ({ recommender }: Candidate) => Object.values(recommender.tables).map((table) => table.encoding);

describe("steps", () => {
  test("go on while the gate passes; the one that does not is told and taken back", async () => {
    const tiny = await variantOf({ steps, gate });
    const passed = verdicts(tiny);
    expect(passed.at(-1)).toBe(false);
    expect(passed.slice(0, -1)).toEqual(passed.slice(0, -1).map(() => true));
    expect(passed.length).toBeGreaterThan(1);
    const last = steps[passed.length - 2]!.use;
    expect(encodings(tiny)).toEqual([last, last]);
    expect(tiny.passes?.map(({ use }) => use)).toEqual([last]);
    const bytes = Object.values(tiny.recommender.tables).reduce((sum, table) => sum + tableBytes(table), 0);
    expect(tiny.steps?.at(-2)?.bytes).toBe(bytes);
  });

  test("that lose too much at once leave what was compressed", async () => {
    const tiny = await variantOf({ steps: steps.slice(2), gate: { ...gate, maxDrop: "0.1%" } });
    expect(tiny.recommender).toBe(teacher.recommender);
    expect([tiny.passes, verdicts(tiny)]).toEqual([[], [false]]);
  });

  test("recover: what few bits took comes back from the teacher's lists", async () => {
    const wide = { ...gate, maxDrop: "90%" };
    const drop = async (more: object) =>
      (await variantOf({ steps: [steps[2]], gate: wide, ...more })).steps![0]!.gate.estimate;
    expect(await drop({ recover: { ...recover, epochs: 6 } })).toBeLessThan(await drop({}));
  });

  test("of a smaller space: later passes keep it", async () => {
    const small = [{ use: "low-rank", rank: 8 }];
    const tiny = await variantOf({
      steps: [small, [...small, { use: "int8-row" }]],
      gate: { ...gate, maxDrop: "90%" },
      recover,
    });
    expect(verdicts(tiny)).toEqual([true, true]);
    expect(Object.values(tiny.recommender.tables).map((table) => table.cols)).toEqual([8, 8]);
    expect(encodings(tiny)).toEqual(["int8-row", "int8-row"]);
  });

  test("repeat to the bit, and are taken from where they were kept", async () => {
    const kept = new Map<string, Files>();
    const asked: string[] = [];
    const store: Store = {
      ...noStore,
      async read(stage, key) {
        const found = kept.get(`${stage}/${key}`);
        if (found) asked.push(stage);
        return found;
      },
      async write(stage, key, files) {
        kept.set(`${stage}/${key}`, files);
      },
    };
    const plan = { steps: steps.slice(0, 2), gate: { ...gate, maxDrop: "90%" }, recover };
    const [first, again, fresh] = [await variantOf(plan, store), await variantOf(plan, store), await variantOf(plan)];
    expect(asked.filter((stage) => stage === "progressive")).toHaveLength(2);
    for (const other of [again, fresh]) {
      expect(other.key).toBe(first.key);
      expect(decodeTable(other.recommender.tables.item!)).toEqual(decodeTable(first.recommender.tables.item!));
    }
  });
});

describe("what cannot work is a sentence", () => {
  test.each<[string, () => unknown, string]>([
    [
      "neither",
      () => recipeOf(undefined as never),
      "variants[0] (tiny): give it either passes, heads or blocks, or progressive.",
    ],
    ["a step of a wrong pass", () => recipeOf({ steps: [{ use: "int9-row" }], gate }), 'no pass named "int9-row"'],
    [
      "a loss over embeddings",
      () => recipeOf({ steps, gate, recover: { loss: "ftd" } }),
      "compares embeddings; a step recovers by",
    ],
    ["a short list", () => recipeOf({ steps, gate, recover: { loss: "rrd", topN: 3 } }), "teacher items, topN is 3"],
    ["a wrong option", () => recipeOf({ steps, gate, recover: { ...recover, epochs: 0 } }), "epochs"],
  ])("%s", (_name, make, words) => {
    expect(make).toThrow(words);
  });

  test("a gate that is no drop, no validation part, tables that cannot learn", async () => {
    await expect(variantOf({ steps, gate: { bytes: "≤ 1 KB" } })).rejects.toThrow(
      "progressive.gate: it must be a drop",
    );
    const recipe = recipeOf({ steps, gate });
    const bare = { ...parts, validation: { ...parts.validation, indices: new Int32Array(0) } };
    await expect(compress([teacher], teacher, data, bare, recipe, around)).rejects.toThrow(
      "judged on the validation part",
    );
    const popular = await teachModel({ use: "popularity" }, parts, 1, around);
    const learning = recipeOf({ steps, gate, recover });
    await expect(compress([popular], popular, data, parts, learning, around)).rejects.toThrow(
      "teacher cannot learn in steps: it scores items without vectors; leave recover out.",
    );
  });
});
