// distilrec off-policy, experiment, interleaving and satisfaction, as a person runs them, and what can be wrong.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createRng } from "../../src/base/rng.ts";
import { createProgram } from "../../src/cli/program.ts";
import { openSharedKernels } from "../../src/kernels/open-shared.ts";
import { itemId, sampleFiles, userId } from "../edge/sample-artifact.ts";
import { distilrec, scratch } from "./distilrec.ts";

const { folder, remove } = scratch();
afterAll(remove);
const path = (name: string) => join(folder, name);

function write(name: string, columns: Record<string, readonly (string | number)[]>): string {
  const n = Object.values(columns)[0]!.length;
  const lines = Array.from({ length: n }, (_, r) =>
    Object.values(columns)
      .map((column) => column[r])
      .join(","),
  );
  writeFileSync(path(name), `${[Object.keys(columns).join(","), ...lines].join("\n")}\n`);
  return path(name);
}

const rng = createRng("people");
const fixture = JSON.parse(readFileSync("test/fixtures/off-policy/obp.json", "utf8"));
const { chosen, expected } = fixture.targets.stochastic;
const logged = write("logged.csv", {
  ...{ arm: fixture.action, place: fixture.position, click: fixture.reward, p: fixture.propensity },
  ...{ pi: chosen, q: fixture.shown, v: expected },
});
const asLogged = "item=arm,position=place,reward=click,propensity=p";

const visits = Array.from({ length: 4000 }, () => ({ user: userId(rng.below(30)), item: itemId(rng.below(400)) }));
const shown = write("shown.csv", {
  uid: visits.map((v) => v.user),
  item: visits.map((v) => v.item),
  reward: visits.map(() => (rng.uniform() < 0.3 ? 1 : 0)),
  past: visits.map(() => ""),
});

const people = Array.from({ length: 600 }, (_, u) => `u${u}`);
const arms = people.map((_, u) => (u % 2 ? "new" : "old"));
const before = people.map(() => rng.below(20));
const events = write("events.csv", {
  uid: people,
  arm: arms,
  clicks: people.map((_, u) => rng.below(5) + (u % 2)),
  views: people.map(() => 5 + rng.below(9)),
  minutes: before.map((x) => x + rng.below(5)),
  before,
  at: people.map((_, u) => (u < 500 ? 0 : 20 * 86_400)),
  stay: people.map(() => rng.below(60)),
});
const answers = write("answers.csv", {
  uid: people.slice(0, 300),
  score: people.slice(0, 300).map((_, u) => 3 + rng.below(2) + (u % 2)),
});
const clicks = write("clicks.csv", {
  user: people,
  list: people.map((u) => `list of ${u}`),
  team: people.map(() => (rng.uniform() < 0.6 ? "new" : "old")),
  first: people.map(() => 1 + rng.below(3)),
  second: people.map((_, u) => (u % 3 ? 4 : "")),
});

beforeAll(async () => {
  const kernels = await openSharedKernels();
  for (const [name, files] of [
    ["small", sampleFiles(kernels, "user", "int4-row")],
    ["teacher", sampleFiles(kernels, "user", "f32")],
  ] as const) {
    for (const [file, bytes] of files) {
      mkdirSync(dirname(path(join(name, file))), { recursive: true });
      writeFileSync(path(join(name, file)), bytes);
    }
  }
  await kernels.close();
});

test("off-policy equals obp on the same log, and says what it refuses", async () => {
  const columns = `${asLogged},chosen=pi,shown=q,expected=v`;
  const set = ["clipped-ips.cap=2.5", "switch-dr.threshold=3", "dr-os.shrink=4"].flatMap((s) => ["--set", s]);
  const { code, out, err } = await distilrec("off-policy", logged, "--columns", columns, ...set, "--json");
  expect(code, err).toBe(0);
  const [policy] = JSON.parse(out).policies;
  let compared = 0;
  for (const { method, value } of fixture.targets.stochastic.estimates) {
    const found = policy.estimates.find((e: { method: string }) => e.method === method);
    if (found.estimate === undefined) continue;
    expect(Math.abs(found.estimate - value)).toBeLessThan(1e-9);
    compared++;
  }
  expect(compared).toBe(8);
  const text = await distilrec(
    "off-policy",
    logged,
    "--columns",
    columns,
    "--estimator",
    "replay",
    "--estimator",
    "snips",
  );
  expect(text.out).toMatch(/^240 rows\. Mean reward as logged: 0\.52500/);
  expect(text.out).toMatch(/snips +0\.51531 +0\.\d{5} to 0\.\d{5}/);
  expect(text.out).toMatch(/replay: refused: the policy is sure to show the same in 0 rows/);
});

test("off-policy asks an artifact, and its teacher, what they would have shown", async () => {
  const given = ["off-policy", shown, "--columns", "user=uid", "--propensity", "0.0025", "--artifact", path("small")];
  const both = await distilrec(...given, "--against", path("teacher"), "--slots", "60", "--json");
  expect(both.code, both.err).toBe(0);
  const { policies, differences, units } = JSON.parse(both.out);
  expect(units).toBe(30);
  expect(policies.map((p: { name: string }) => p.name)).toEqual(["small", "teacher"]);
  for (const { estimates } of policies) {
    const { estimate, interval } = estimates.find((e: { method: string }) => e.method === "dr");
    expect(interval[0]).toBeLessThan(estimate);
    // Whoever is shown what, three in ten click.
    expect(Math.abs(estimate - 0.3)).toBeLessThan(0.12);
  }
  expect(differences.find((d: { method: string }) => d.method === "dr").interval).toHaveLength(2);
  const narrow = await distilrec(...given, "--softmax", "2", "--among", "logged", "--estimator", "snips");
  expect(narrow.code, narrow.err).toBe(0);
  expect(narrow.out).toMatch(/small: mean weight/);
});

test("experiment compares sums, ratios and what the past leaves", async () => {
  const given = ["experiment", events, "--columns", "user=uid,variant=arm", "--control", "old"];
  const measures = ["clicks", "clicks/views", "minutes~before"].flatMap((m) => ["--measure", m]);
  const { code, out, err } = await distilrec(...given, ...measures, "--anytime", "clicks=.5");
  expect(code, err).toBe(0);
  expect(out).toMatch(
    /^Users: new 300, old 300\. Control: old\. Intervals: 95 %, each by itself\.\n\nThe users are divided as planned \(p = 1\.000\)/,
  );
  expect(out).toMatch(/new less control: (0\.[5-9]|1\.)\d+ \(.*\), p = .* % of it \(.*; at any time/);
  expect(out).toMatch(/minutes~before; figures from before remove 9\d\.\d % of the variance/);
  expect(out).toMatch(/3 differences were tested; of equal ones, one in 20/);
  const wrong = await distilrec(...given, "--measure", "clicks", "--planned", "old=.9,new=.1", "--json");
  const found = JSON.parse(wrong.out);
  expect(found.mismatch.refused).toMatch(/50\.00 % : 50\.00 %, not 10\.00 % : 90\.00 %/);
  expect(found.measures[0].differences).toEqual([{ variant: "new", refused: found.mismatch.refused }]);
});

test("satisfaction joins a survey, and measures proxies that it calls so", async () => {
  const given = ["satisfaction", events, "--columns", "user=uid,variant=arm,time=at,dwell=stay", "--control", "old"];
  const { code, out, err } = await distilrec(
    ...given,
    "--survey",
    answers,
    "--survey-columns",
    "user=uid,answer=score",
    "--scale",
    "csat",
  );
  expect(code, err).toBe(0);
  expect(out).toMatch(
    /^Answers: new 150 \(50\.0 %\), old 150 \(50\.0 %\)\. Who answers does not depend on the variant/,
  );
  expect(out).toMatch(/csat: share who answer 4 or 5 of 5\n[\s\S]*new less control: 0\.\d+/);
  expect(out).toMatch(/dwell: proxy: share of clicks that keep people for 30 s or longer/);
  expect(out).toMatch(/return: proxy: share of users with another visit within 7 days/);
  const json = JSON.parse((await distilrec(...given, "--json")).out);
  expect(json.measures.map((m: { measure: string }) => m.measure)).toEqual(["dwell", "return"]);
});

test("interleaving says which ranking people prefer", async () => {
  const { code, out, err } = await distilrec("interleaving", clicks);
  expect(code, err).toBe(0);
  expect(out).toMatch(
    /^600 lists of 600 users: \d+ prefer new, \d+ prefer old, 0 neither\.\nPreference for new, -1 to 1: 0\.\d{4}/,
  );
  const balanced = JSON.parse((await distilrec("interleaving", clicks, "--balanced", "--json")).out);
  expect(balanced).toMatchObject({ first: "first", wins: 600, losses: 0 });
});

describe("in one sentence", () => {
  const off = (...more: string[]) => ["off-policy", logged, "--columns", `${asLogged},chosen=pi`, ...more];
  test.each<[RegExp, string[]]>([
    [/chosen: no column named "chosen"/, ["off-policy", logged, "--columns", asLogged]],
    [/--columns: nothing is called "clicks" here\. .*reward/, ["off-policy", logged, "--columns", "clicks=click"]],
    [/--against: give --artifact, too/, off("--against", "x")],
    [/--softmax: give it or --slots, not both/, off("--artifact", "x", "--softmax", "1", "--slots", "2")],
    [/--among: it must be all or logged, got "some"/, off("--among", "some")],
    [/there is no estimator named "snip"\. Did you mean "snips"\?/, off("--estimator", "snip")],
    [/--set: "cap=3" must be NAME\.OPTION=VALUE/, off("--set", "cap=3")],
    [/estimator clipped-ips: cap must be more than 0, got -1/, off("--set", "clipped-ips.cap=-1")],
    [/--level.*from 0\.5 to 0\.9999/, off("--level", "95")],
    [
      /whom the artifact can answer/,
      ["off-policy", shown, "--propensity", ".0025", "--columns", "user=item", "--artifact", path("small")],
    ],
    [/variant: no column named "variant"/, ["experiment", events, "--measure", "clicks", "--columns", "user=uid"]],
    [/"user" is not a measure/, ["experiment", events, "--measure", "user"]],
    [
      /there is no variant "older"\. Did you mean "old"\?/,
      ["experiment", events, "--measure", "clicks", "--columns", "user=uid,variant=arm", "--control", "older"],
    ],
    [
      /--planned: "old" must be NAME=NUMBER/,
      ["experiment", events, "--measure", "clicks", "--columns", "user=uid,variant=arm", "--planned", "old"],
    ],
    [/nothing to measure/, ["satisfaction", events, "--columns", "user=uid,variant=arm"]],
    [
      /--scale: say what the answers are/,
      ["satisfaction", events, "--columns", "user=uid,variant=arm", "--survey", answers],
    ],
    [
      /answers\.csv: answer: no column named "answer"/,
      [
        "satisfaction",
        events,
        "--columns",
        "user=uid,variant=arm",
        "--survey",
        answers,
        "--survey-columns",
        "user=uid",
        "--scale",
        "nps",
      ],
    ],
    [/team must name two rankings, got [56]/, ["interleaving", events, "--columns", "user=uid,list=uid,team=clicks"]],
  ])("%s", async (message, args) => {
    const program = await createProgram([args[0]!]);
    const said = await program.parseAsync(["node", "distilrec", ...args]).then(
      () => "nothing",
      (error: unknown) => (error instanceof Error ? error.message : error),
    );
    expect(said).toMatch(message);
  });
});
