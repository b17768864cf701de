// Satisfaction on a world whose truth is known: one variant shows what baits clicks, the other what pleases. Clicks
// prefer the first; what people answer, how long they stay and whether they return must prefer the second, by as much
// as is true.

import { describe, expect, test } from "vitest";
import { tableOf } from "../../../test/raw-table.ts";
import { createRng, type Rng } from "../../base/rng.ts";
import { clickChance, satisfactionOf } from "../../data/world/sessions.ts";
import { dotRows } from "../../data/world/vectors.ts";
import { generateWorld } from "../../data/world/world.ts";
import { normalQuantile } from "../../stats/distributions.ts";
import { compareVariants } from "./compare.ts";
import { dwellMeasure, readSurvey, returnMeasure } from "./satisfaction.ts";
import { readUnits, sums } from "./units.ts";

const users = 600;
const world = generateWorld(
  { users, items: 200, clicks: 4000, categories: 6, days: 30, drift: 0, skew: 1, explore: 0.2 },
  createRng("satisfaction"),
);
const { truth } = world;
const liking = (user: number, item: number) => dotRows(truth.userTaste, user, truth.itemTaste, item, truth.dims);
const worth = (item: number) => truth.quality[item]! - truth.bait[item]!;
const bestBy = (score: (item: number) => number) =>
  Array.from({ length: 200 }, (_, item) => item)
    .sort((a, b) => score(b) - score(a))
    .slice(0, 5);
const shown = {
  bait: (user: number) => bestBy((item) => liking(user, item) + truth.bait[item]!),
  good: (user: number) => bestBy((item) => liking(user, item) + 0.5 * worth(item)),
};
const lists = {
  bait: Array.from({ length: users }, (_, u) => shown.bait(u)),
  good: Array.from({ length: users }, (_, u) => shown.good(u)),
};
type Variant = keyof typeof lists;

// Five answers to a satisfaction in (0, 1): 4 and 5 from .6 on.
const answerTo = (satisfaction: number) => 1 + Math.min(4, Math.floor(5 * satisfaction));
/** Mean over users and what they are shown of the chance to answer 4 or 5. */
const trueCsat = (variant: Variant) => {
  const noises = Array.from({ length: 200 }, (_, i) => normalQuantile((i + 0.5) / 200));
  let sum = 0;
  for (let u = 0; u < users; u++) {
    for (const item of lists[variant][u]!) {
      sum += noises.filter((z) => satisfactionOf(liking(u, item), worth(item), z) >= 0.6).length / 200 / 5;
    }
  }
  return sum / users;
};

/** Each user in a variant by chance; they see their list, click, stay, come back, and some answer about an item of it. */
function live(rng: Rng) {
  const log = {
    user: [] as string[],
    variant: [] as string[],
    click: [] as number[],
    dwell: [] as number[],
    time: [] as number[],
  };
  const survey = { user: [] as string[], answer: [] as number[] };
  const add = (user: number, variant: Variant, time: number, click: number, dwell: number) => {
    log.user.push(`u${user}`);
    log.variant.push(variant);
    log.time.push(time);
    log.click.push(click);
    log.dwell.push(dwell);
  };
  for (let u = 0; u < users; u++) {
    const variant: Variant = rng.uniform() < 0.5 ? "bait" : "good";
    const list = lists[variant][u]!;
    let pleased = 0;
    for (const [place, item] of list.entries()) {
      const satisfaction = satisfactionOf(liking(u, item), worth(item), rng.normal());
      pleased += satisfaction / list.length;
      const click = rng.uniform() < clickChance(liking(u, item), truth.bait[item]!);
      add(u, variant, place, click ? 1 : 0, click ? Math.exp(2 + 3 * satisfaction + rng.normal()) : Number.NaN);
    }
    if (rng.uniform() < pleased) add(u, variant, 3 * 86_400, 0, Number.NaN);
    if (rng.uniform() < 0.5) {
      const item = list[rng.below(list.length)]!;
      survey.user.push(`u${u}`);
      survey.answer.push(answerTo(satisfactionOf(liking(u, item), worth(item), rng.normal())));
    }
  }
  // Somebody much later: the log goes on after everybody's week.
  add(0, log.variant[0] as Variant, 20 * 86_400, 0, Number.NaN);
  return { log: tableOf(log), survey: tableOf(survey) };
}

test("a survey's interval holds the true difference as often as it states; proxies point where the truth does, clicks do not", () => {
  const aim = trueCsat("good") - trueCsat("bait");
  expect(aim).toBeGreaterThan(0.1);
  let held = 0;
  const points = { dwell: 0, return: 0, clicks: 0 };
  const times = 60;
  for (let seed = 0; seed < times; seed++) {
    const { log, survey } = live(createRng(`live ${seed}`));
    const units = readUnits(log, "log.csv", ["time"]);
    const asked = readSurvey(survey, "survey.csv", units, "csat");
    expect(asked.mismatch.refused).toBeUndefined();
    const measures = [
      asked.measure,
      dwellMeasure(units, 30),
      returnMeasure(units, 7),
      { name: "clicks", value: sums(units, "click") },
    ];
    const found = compareVariants(units, measures, { level: 0.95, control: "bait" });
    const [csat, dwell, back, click] = found.measures.map((m) => m.differences[0]!);
    if (csat!.interval![0] <= aim && aim <= csat!.interval![1]) held++;
    if (dwell!.difference! > 0) points.dwell++;
    if (back!.difference! > 0) points.return++;
    if (click!.difference! > 0) points.clicks++;
  }
  // Binomial(60, .95) is below 52 with a chance of .01.
  expect([held >= 52, held]).toEqual([true, held]);
  expect(points.dwell).toBeGreaterThan(0.9 * times);
  expect(points.return).toBeGreaterThan(0.8 * times);
  expect(points.clicks).toBeLessThan(0.2 * times);
});

describe("a small log", () => {
  const day = 86_400;
  const log = (more: object = {}) =>
    readUnits(
      tableOf({
        user: ["a", "a", "b", "b", "c", "c", "d", "e"],
        variant: ["x", "x", "y", "y", "x", "x", "y", "x"],
        time: [0, 600, 2 * day, 0, 0, 9 * day, 0, 20 * day],
        dwell: [10, 60, Number.NaN, 30, 29, 31, Number.NaN, 5],
        ...more,
      }),
      "log.csv",
      ["time"],
    );

  test("a return is another visit within the days, not more clicks in the same; who came last week is not judged", () => {
    const back = returnMeasure(log(), 7).value;
    expect([...back]).toEqual([0, 1, 0, 0, Number.NaN]);
  });

  test("dwell counts clicks that kept people long enough, per click", () => {
    const { value, beneath } = dwellMeasure(log(), 30);
    expect([...value]).toEqual([1, 1, 1, 0, 0]);
    expect([...beneath!]).toEqual([2, 1, 2, 0, 1]);
    expect(() => dwellMeasure(log({ dwell: [1, 1, 1, -1, 1, 1, 1, 1] }), 30)).toThrow(
      /row 4: dwell must be at least 0/,
    );
  });

  test("scales turn answers into what is averaged; strangers are counted, repeats averaged", () => {
    const answers = (scale: "csat" | "nps" | "likert", answer: number[]) =>
      readSurvey(tableOf({ user: ["a", "a", "b", "zed"], answer }), "s.csv", log(), scale);
    expect([...answers("csat", [5, 1, 4, 1]).measure.value].slice(0, 3)).toEqual([0.5, 1, Number.NaN]);
    expect([...answers("nps", [9, 8, 6, 0]).measure.value].slice(0, 3)).toEqual([50, -100, Number.NaN]);
    expect([...answers("likert", [5, 2, 3, 1]).measure.value].slice(0, 3)).toEqual([3.5, 3, Number.NaN]);
    const { excluded, answers: counts } = answers("likert", [1, 1, 1, 1]);
    expect(excluded).toEqual([{ why: "a user who is not in the experiment", rows: 1 }]);
    expect(counts).toEqual({ x: 1, y: 1 });
    expect(() => answers("csat", [5, 1, 6, 1])).toThrow(
      /^s\.csv: row 3: answer must be a whole number from 1 to 5 \(csat\), got 6\.$/,
    );
    const strangers = tableOf({ user: ["q"], answer: [1] });
    expect(() => readSurvey(strangers, "s.csv", log(), "csat")).toThrow(/none of its users is in the experiment/);
  });

  test("where who answers depends on the variant, that is said", () => {
    const many = Array.from({ length: 400 }, (_, u) => `u${u}`);
    const units = readUnits(tableOf({ user: many, variant: many.map((_, u) => (u % 2 ? "y" : "x")) }), "log.csv", []);
    const some = many.filter((_, u) => u % 2 === 0 || u % 8 === 1);
    const { mismatch } = readSurvey(tableOf({ user: some, answer: some.map(() => 4) }), "s.csv", units, "csat");
    expect(mismatch.refused).toMatch(/^those of x : y who answer are 80\.00 % : 20\.00 %, not 50\.00 % : 50\.00 %/);
  });
});
