import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rowOf } from "../../data/interactions.ts";
import { openSurroundings } from "../../node/surroundings.ts";
import type { Variant } from "../../report/results.ts";
import { renderSummary } from "../../report/summary.ts";
import { divide, type Parts } from "../divide.ts";
import { readData } from "../read-data.ts";
import { parseRecipe } from "../recipe.ts";
import { run } from "../run.ts";
import { teach, teachModel } from "../teach.ts";
import { teacherLists } from "../teacher-lists.ts";
import { verifyRecommenders } from "../verify.ts";
import type { ListTeacher } from "./teacher.ts";

const student = (use: string, more: object = { listed: 10 }) => ({
  ...{ name: "small", use: "inductive", d: 8, epochs: 2 },
  distill: { topN: 40, terms: [{ use, ...more }] },
});
const recipeOf = (teacher: object, more: object = {}) =>
  parseRecipe(
    {
      ...{ name: "taught", dataset: { use: "world", users: 300, items: 120, clicks: 6000 }, split: { use: "random" } },
      ...{ teacher, students: [student("rrd")], evaluate: { ks: [10], metrics: ["ndcg", "recall"] } },
      ...more,
    },
    "taught.yaml",
  );

const folder = mkdtempSync(join(tmpdir(), "distilrec-teachers-"));
const progress = { start: () => ({ step() {}, end() {} }), stop() {} };
let around: Awaited<ReturnType<typeof openSurroundings>>;
let parts: Parts;
/** EASE's lists of 60 items, and the file of them. */
let ease: { items: Int32Array; scores: Float32Array };
beforeAll(async () => {
  around = await openSurroundings({ base: folder, command: "test", progress, threads: 1 });
  const recipe = recipeOf({ use: "ease" });
  parts = divide(await readData(recipe, around), recipe, around);
  const model = await teachModel(recipe.teacher as never, parts, 1, around);
  ease = (await teacherLists(model, parts, 60, around)).value;
  save("ease.csv", "user,item,score,rank", rowsOf());
});
afterAll(async () => {
  await around.close();
  rmSync(folder, { recursive: true });
});

const save = (name: string, head: string, rows: readonly (readonly unknown[])[]) =>
  writeFileSync(join(folder, name), [head, ...rows.map((row) => row.join(","))].join("\n"));
const rowsOf = () =>
  Array.from(ease.items, (item, at) => [
    ...[parts.userIds[Math.floor(at / 60)]!, parts.itemIds[item]!, ease.scores[at]!, (at % 60) + 1],
  ]).filter(([, item]) => item !== undefined);
const taught = (teacher: object, more: object = {}): Promise<ListTeacher> =>
  teach(parts, recipeOf(teacher, more), around) as Promise<ListTeacher>;
const refusal = async (promise: () => unknown): Promise<string> => {
  try {
    await promise();
    return "accepted";
  } catch (error) {
    expect((error as Error).name).toBe("UserError");
    return (error as Error).message;
  }
};

describe("lists of a file", () => {
  test("are the lists that were written, by score or by rank, whatever the order of rows", async () => {
    const first = Int32Array.from({ length: 300 * 40 }, (_, at) => ease.items[Math.floor(at / 40) * 60 + (at % 40)]!);
    const byScore = await taught({ lists: "ease.csv", score: "score" });
    save("shuffled.csv", "user,item,score,rank", rowsOf().reverse());
    const byRank = await taught({ lists: "shuffled.csv", rank: "rank" });
    expect(byScore.lists.n).toBe(40);
    expect(byScore.lists.items).toEqual(first);
    expect(byRank.lists.items).toEqual(first);
    expect([byScore.scored, byRank.scored]).toEqual([true, false]);
    expect([byScore.leftOut, byRank.leftOut]).toEqual([[], []]);
    expect(byScore.key).not.toBe(byRank.key);
    expect((await taught({ lists: "ease.csv", score: 2, user: 0, item: 1 })).key).toBe(byScore.key);
  });

  test("what does not count is counted, each row once", async () => {
    const [user, other] = [parts.userIds[0]!, parts.userIds[1]!];
    const free = Array.from(ease.items.subarray(0, 3), (item) => parts.itemIds[item]!);
    const taken = parts.itemIds[parts.train.indices[0]!]!;
    save("dirty.csv", "user,item,score", [
      ...[
        [user, free[0], 3],
        [user, free[1], 9],
        [user, free[0], 5],
        ["nobody", free[0], 1],
        [user, "nothing", 1],
      ],
      ...[
        [user, taken, 8],
        [user, free[2], ""],
        [user, free[2], "1e300"],
        [other, "", 2],
        ["", free[0], 2],
      ],
    ]);
    const { lists, leftOut } = await taught({ lists: "dirty.csv", score: "score" });
    expect([...lists.items.subarray(0, 3)]).toEqual([ease.items[1], ease.items[0], -1]);
    expect([...lists.scores.subarray(0, 2)]).toEqual([9, 5]);
    expect(leftOut).toEqual([
      { what: "rows of dirty.csv whose user or item the data lacks", count: 4 },
      { what: "rows of dirty.csv without a score", count: 2 },
      { what: "rows of dirty.csv with an item that the user had taken before", count: 1 },
      { what: "repeated rows of dirty.csv", count: 1 },
      { what: "users without a row in dirty.csv", count: 299 },
    ]);
  });

  test("NaN, no number, no column, no file and a file of strangers are a sentence each", async () => {
    const [user, item] = [parts.userIds[0]!, parts.itemIds[0]!];
    save("nan.csv", "user,item,score", [[user, item, "nan"]]);
    save("word.csv", "user,item,score", [[user, item, "good"]]);
    save("strangers.csv", "user,item,score", [["x", "y", 1]]);
    const said = (lists: string, more = {}) => refusal(() => taught({ lists, score: "score", ...more }));
    expect(await said("nan.csv")).toMatch(/nan\.csv: row 1 .*score must be a finite number or empty, got "nan"/i);
    expect(await said("word.csv")).toMatch(/word\.csv: row 1 .*got "good"/);
    expect(await said("strangers.csv")).toMatch(
      /^strangers\.csv: lists no item that a user .*\(1 rows of .*check its ids/,
    );
    expect(await said("missing.csv")).toMatch(/missing\.csv/);
    expect(await said("ease.csv", { score: "scores" })).toMatch(/no column named "scores"/);
    expect(await said("ease.csv", { user: 9 })).toMatch(/there is no column 9/);
  });
});

describe("an ensemble", () => {
  test("of a teacher with itself is that teacher", async () => {
    const twice = { ensemble: [{ use: "ease" }, { lists: "ease.csv", score: "score" }] };
    for (const combine of ["mean-rank", "mean-score", "reciprocal-rank"]) {
      const { lists, scored } = await taught({ ...twice, combine });
      expect([...lists.items.subarray(0, 10)]).toEqual([...ease.items.subarray(0, 10)]);
      expect(scored).toBe(combine === "mean-score");
    }
  });

  test("by a gate learns from validation, and needs some", async () => {
    const ensemble = [{ use: "popularity" }, { lists: "ease.csv", rank: "rank" }];
    const recipe = recipeOf({ ensemble, combine: "gate" });
    expect(await refusal(() => teach(parts, recipe, around))).toContain("and the split gives none; use mean-rank");
    const { lists } = (await teach({ ...parts, validation: parts.test }, recipe, around)) as ListTeacher;
    const plain = await taught({ ensemble, combine: "reciprocal-rank" });
    const hits = ({ items }: typeof lists) =>
      Array.from({ length: parts.train.users }, (_, u) =>
        Array.from(items.subarray(u * lists.n, u * lists.n + 5)).filter((i) => rowOf(parts.test, u).includes(i)),
      ).flat().length;
    expect(hits(lists)).toBeGreaterThan(hits(plain.lists));
  });

  test("by mean-score needs scores of each", async () => {
    const ensemble = [{ use: "popularity" }, { lists: "ease.csv", rank: "rank" }];
    expect(await refusal(() => taught({ ensemble, combine: "mean-score" }))).toBe(
      "taught.yaml: teacher.ensemble[1]: gives ranks only, and mean-score needs scores; use mean-rank.",
    );
  });
});

describe("checkpoints", () => {
  const ensemble = [{ use: "bpr-mf", d: 4, epochs: 6 }, { use: "popularity" }];

  test("are the lists of the teachers after equal parts of their epochs; the last are those without", async () => {
    const whole = await taught({ ensemble });
    const { lists, easier, key } = await taught({ ensemble, checkpoints: 3 });
    expect(lists).toEqual(whole.lists);
    expect(key).not.toBe(whole.key);
    const early = await taught({ ensemble: [{ ...ensemble[0], epochs: 2 }, ensemble[1]] });
    const late = await taught({ ensemble: [{ ...ensemble[0], epochs: 4 }, ensemble[1]] });
    expect(easier).toEqual([early.lists, late.lists]);
  });

  test("teach a student from the easiest on", async () => {
    const more = { students: [{ ...student("rrd"), use: "mf", epochs: 2 }] };
    const figures = async (checkpoints: number) =>
      (await run(recipeOf({ ensemble, checkpoints }, more), around)).variants[0]!.metrics;
    expect(await figures(3)).not.toEqual(await figures(1));
  });
});

test("a run by lists: no artifact of the teacher; figures, fidelity and gates as by the model that made them", async () => {
  const gates = [{ metric: "ndcg@10", maxDrop: "90%" }, { "overlap@10": "≥ 0.01" }];
  // mf learns from lists alone, so that the student is the same.
  const more = { gates, students: [{ ...student("rrd"), use: "mf", epochs: 2 }] };
  const recipe = recipeOf({ lists: "ease.csv", score: "score" }, more);
  const out = join(folder, "run");
  const kept = await openSurroundings({ base: folder, folder: out, command: "test", progress, threads: 1 });
  const listed = await run(recipe, kept).finally(() => kept.close());
  const model = await run(recipeOf({ use: "ease" }, more), around);
  const [own, same] = [listed.variants[0]!, model.variants[1]!];
  expect(listed.variants.map(({ name, of }) => [name, of])).toEqual([["small", "teacher"]]);
  expect(listed.teacher!.method).toBe("lists");
  expect(listed.teacher!.metrics).toEqual(model.variants[0]!.metrics);
  expect(own.metrics).toEqual(same.metrics);
  expect(own.pairedError).toEqual(same.pairedError);
  expect(own.gates).toEqual(same.gates);
  const { "drift@10": _, ...fidelity } = same.fidelity!.metrics;
  expect(own.fidelity!.metrics).toEqual(fidelity);
  expect(own.fidelity!.hurt).toEqual(same.fidelity!.hurt);
  expect(listed.samples).toEqual(model.samples);
  const artifacts = [{ name: "small", path: join(out, "artifacts", "small") }];
  expect((await verifyRecommenders(listed, artifacts, out, recipe, around)).differences).toEqual([]);
  const wrong = { ...listed, teacher: { ...listed.teacher!, metrics: { ...listed.teacher!.metrics, "ndcg@10": 1 } } };
  const { differences } = await verifyRecommenders(wrong, artifacts, out, recipe, around);
  expect(differences.map(({ what }) => what)).toEqual(["teacher: metrics.ndcg@10"]);
  expect(renderSummary(listed)).toMatch(/The teacher \(lists\) has lists and no model: they reach NDCG@10 0\.\d{4}\./);
});

describe("a teacher of a student's own", () => {
  const from = { ensemble: [{ use: "ease" }, { use: "item-knn" }], combine: "mean-score" };
  const small = { ...student("soft-label"), use: "mf", epochs: 2 };
  const own = { ...small, name: "own", distill: { ...small.distill, from } };

  test("teaches as it would teach everybody; the run's stays what it is judged by", async () => {
    const { variants } = await run(recipeOf({ use: "popularity" }, { students: [small, own] }), around);
    const [teacher, , taughtByOwn] = variants as [Variant, Variant, Variant];
    const listed = await run(recipeOf(from, { students: [small] }), around);
    expect(taughtByOwn.metrics).toEqual(listed.variants[0]!.metrics);
    expect([teacher.method, taughtByOwn.of]).toEqual(["popularity", "a teacher of its own (ensemble)"]);
    expect(taughtByOwn.fidelity).not.toEqual(listed.variants[0]!.fidelity);
  });

  test("is checked as the run's is", async () => {
    const refused = (given: object, more: object = {}) =>
      refusal(() =>
        recipeOf({ use: "ease" }, { students: [{ ...own, distill: { ...own.distill, from: given } }], ...more }),
      );
    const at = "students[0] (own): distill.";
    expect(await refused({ use: "eaze" })).toContain('students[0].distill.from: there is no model named "eaze".');
    expect(await refused({ ...from, combine: "mean-rank" })).toContain(`${at}terms[0] (soft-label) compares scores`);
    expect(await refused({ ...from, combine: "gate" }, { evaluate: { part: "validation" } })).toContain(
      `${at}from.combine: gate learns from the validation part`,
    );
    expect(await refused({})).toContain("students[0].distill.from: use is missing");
  });
});

test("a recipe with defaults filled in is again that recipe", () => {
  const lists = { lists: "a.csv", score: "score" };
  for (const teacher of [lists, { http: "http://h/" }, { ensemble: [lists, { use: "ease" }, { artifact: "a" }] }]) {
    const recipe = recipeOf(teacher, {
      students: [{ ...student("rrd"), distill: { from: teacher, terms: [{ use: "rrd" }] } }],
    });
    expect(parseRecipe(JSON.parse(JSON.stringify(recipe)), "again")).toEqual(recipe);
  }
});

describe("before anything runs", () => {
  const byRank = { lists: "a.csv", rank: "rank" };
  test.each<[object, object, string]>([
    [byRank, { students: [] }, "taught.yaml: a teacher that has lists and no model ships nothing; give it students."],
    [
      byRank,
      { students: [{ ...student("ftd", {}), use: "mf", epochs: 1 }] },
      "students[0] (small): distill.terms[0] (ftd) compares embeddings, and the teacher has lists and no model; use",
    ],
    [
      byRank,
      { students: [{ ...student("rkd", {}), use: "mf", epochs: 1 }] },
      "distill.terms[0] (rkd) compares embeddings, and the teacher has lists and no model; use a loss over ranks",
    ],
    [byRank, { students: [student("dllm2rec")] }, "(dllm2rec) compares scores, and the teacher gives ranks only"],
    [byRank, { students: [student("soft-label")] }, "(soft-label) compares scores, and the teacher gives ranks only"],
    [
      { ensemble: [{ use: "ease" }, { use: "popularity" }] },
      { students: [student("soft-label")] },
      "(soft-label) compares scores, and the teacher gives ranks only",
    ],
    [
      byRank,
      { variants: [{ name: "t8", of: "teacher", passes: [{ use: "int8-row" }] }] },
      "variants[0] (t8): the teacher has lists and no model to compress; compress a student.",
    ],
    [byRank, { evaluate: { metrics: ["auc"] } }, "evaluate.metrics: auc needs a score of every item"],
    [byRank, { gates: [{ "drift@10": "≤ 0.1" }] }, "gates[0]: drift@10 compares models' scores"],
    [{ lists: "a.csv" }, {}, "teacher: nothing says which item is the best; name the column of the score or of the"],
    [{ lists: "a.csv", rnak: 1 }, {}, 'teacher: there is no option "rnak". Did you mean "rank"?'],
    [{ ...byRank, use: "ease" }, {}, 'teacher: there is no option "use".'],
    [{ ...byRank, artifact: "a" }, {}, 'teacher: there is no option "artifact".'],
    [{ ensemble: [byRank] }, {}, "teacher: ensemble must have at least 2 entries"],
    [{ ensemble: [byRank, { ensemble: [] }] }, {}, "teacher.ensemble[1]: an ensemble holds no ensemble"],
    [{ ensemble: [byRank, { use: "eaze" }] }, {}, 'teacher.ensemble[1]: there is no model named "eaze".'],
    [{ ensemble: [byRank, {}] }, {}, "teacher.ensemble[1]: use is missing"],
    [{ ensemble: [byRank, byRank], combine: "mean" }, {}, "teacher: combine must be one of mean-rank, mean-score"],
    [
      { ensemble: [{ use: "ease" }, { use: "popularity" }], checkpoints: 2 },
      {},
      "teacher.checkpoints: none of the ensemble's teachers learns in epochs here; leave checkpoints out.",
    ],
    [
      { ensemble: [{ use: "ease" }, { use: "popularity" }], combine: "gate" },
      { evaluate: { part: "validation" } },
      "teacher.combine: gate learns from the validation part, so evaluate.part must be test; or use mean-rank.",
    ],
    [{ http: "ftp://host/x" }, {}, 'teacher: http must be an http or https address, got "ftp://host/x".'],
    [{ http: "http://127.0.0.1", retries: -1 }, {}, "teacher: retries must be at least 0, got -1."],
  ])("%j with %j is refused", async (teacher, more, message) => {
    expect(await refusal(() => recipeOf(teacher, more))).toContain(message);
  });
});
