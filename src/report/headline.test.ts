import { describe, expect, test } from "vitest";
import { sampleCost } from "../../test/report/sample-cost.ts";
import { sampleResults } from "../../test/report/sample-results.ts";
import type { GateOutcome, Verdict } from "./evidence-results.ts";
import { headlineOf, tally } from "./headline.ts";
import type { Results, Variant } from "./results.ts";

const results = sampleResults();
const ungated = results.variants.map(({ gates, ...v }) => v);
const only = (...names: string[]): Results => ({
  ...results,
  variants: ungated.filter((v) => names.includes(v.name)),
});
const gate = (verdict: Verdict): GateOutcome => ({ gate: verdict, verdict, words: "", estimate: 0, limit: 0 });
/** The first variants judged as given, of falling size. */
const judged = (...verdicts: Verdict[][]): Results => ({
  ...results,
  variants: ungated.slice(0, verdicts.length + 1).map((v, at): Variant => {
    const gates = verdicts[at - 1];
    return gates ? { ...v, name: `v${at}`, cost: sampleCost(1_000_000 / at), gates: gates.map(gate) } : v;
  }),
});

describe("without gates", () => {
  test("names the smallest variant that keeps 99 % of the teacher", () => {
    const headline = headlineOf({ ...results, variants: ungated });
    expect(headline.sentence).toBe("student-int4 keeps 100.2 % of the teacher's NDCG@20 at 0.42 % of its bytes.");
    expect(headline.figures.map((f) => f.value)).toEqual(["100.2 %", "96.5 KB", "0.024 ms"]);
  });
  test("names the smallest near the best one where none reaches the teacher, and says what it keeps", () => {
    const few = only("teacher-ease", "student-tiny", "popularity", "student-pruned", "student-codebook");
    const near = few.variants.map((v) => (v.name === "student-pruned" ? { ...v, metrics: { "ndcg@20": 0.191 } } : v));
    const headline = headlineOf({ ...few, variants: near });
    expect(headline.sentence).toMatch(/^student-pruned keeps 97.9 %/);
    expect(headline.why).toBe("the smallest that keeps 99 % of the best beside the teacher");
  });
  test("does not compare where there is no teacher, and says so where there is nothing", () => {
    expect(headlineOf(only("student")).sentence).toBe("student reaches NDCG@20 0.1961 in 1.80 MB.");
    expect(headlineOf(only()).sentence).toBe("This run has evaluated nothing yet.");
  });
  test("a teacher that finds nothing is no divisor", () => {
    const [teacher, student] = ungated;
    const headline = headlineOf({ ...results, variants: [{ ...teacher!, metrics: { "ndcg@20": 0 } }, student!] });
    expect(headline.sentence).toContain("reaches NDCG@20 0.1961 where the teacher reaches none");
  });
});

describe("with gates", () => {
  test("the pick is the smallest that passes them all, whatever keeps more", () => {
    const { pick, sentence, why } = headlineOf(judged(["pass", "pass"], ["pass", "pass"], ["pass", "undecided"]));
    expect(pick!.name).toBe("v2");
    expect(sentence).toMatch(/^v2 passes all 2 gates and keeps 100.6 % of the teacher's NDCG@20 at 2.2 % of its bytes/);
    expect(why).toBe("the smallest that passes every gate");
  });
  test("an undecided gate is not passed, and one is its own word", () => {
    expect(headlineOf(judged(["undecided"])).sentence).toBe(
      "No variant passes its gate; v1 comes nearest: 0 of 1 gate pass and 1 is undecided.",
    );
    expect(headlineOf(judged(["pass"])).sentence).toMatch(/^v1 passes its gate and keeps/);
  });
  test("the nearest fails least, then leaves least open, then is smallest", () => {
    const nearest = (...verdicts: Verdict[][]) => headlineOf(judged(...verdicts)).pick!.name;
    expect(nearest(["undecided", "undecided"], ["pass", "fail"])).toBe("v1");
    expect(nearest(["undecided", "undecided"], ["pass", "undecided"])).toBe("v2");
    expect(nearest(["fail", "pass"], ["pass", "fail"], ["fail", "fail"])).toBe("v2");
  });
  test("who was not judged is not picked", () => {
    const { variants } = judged(["fail"], ["pass"]);
    const { gates, ...free } = variants[2]!;
    expect(headlineOf({ ...results, variants: [variants[0]!, variants[1]!, free] }).pick!.name).toBe("v1");
  });
  test("the tally counts every verdict", () => {
    expect(tally(["pass", "fail", "fail", "undecided"].map((v) => gate(v as Verdict)))).toBe(
      "1 of 4 gates passes, 2 fail and 1 is undecided",
    );
  });
});
