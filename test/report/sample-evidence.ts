// Fidelity and gates as a real run gives them, for tests of the report; figures are plausible, not measured.

import type { Fidelity, GateOutcome, Verdict } from "../../src/report/evidence-results.ts";

const figures = (near: number) => ({
  metrics: { "overlap@10": near, "rbo@20": near * 0.94, "kendall@20": near * 0.81, "drift@20": (1 - near) / 3 },
  standardError: { "overlap@10": 0.0011, "rbo@20": 0.0014, "kendall@20": 0.0019, "drift@20": 0.0006 },
});

/** A variant that keeps `near` of the teacher's lists. */
export const sampleFidelity = (near: number): Fidelity => ({
  ...{ against: "teacher-ease", ...figures(near) },
  slices: [
    { name: "heavy", users: 3_021, ...figures(near * 1.02) },
    { name: "cold", users: 2_911, ...figures(near * 0.88) },
  ],
  hurt: ["u7741", "u203", "u15002", "u9"].map((user, at) => ({ user, lost: 0.61 - at / 20, overlap: at / 10 })),
});

/** Three gates: nothing much lost over all users, nor on the tail, and a size. */
export function sampleGates(drop: number, raw: number): GateOutcome[] {
  const judge = (limit: number, low: number, high: number): Verdict =>
    high <= limit ? "pass" : low > limit ? "fail" : "undecided";
  const percent = (x: number) => `${(100 * x).toFixed(1)} %`;
  const quality = (slice: string, lost: number, wide: number): GateOutcome => {
    const verdict = judge(0.01, lost - wide, lost + wide);
    const said = { pass: "less than it may", fail: "more than it may", undecided: "which may be more or less" }[
      verdict
    ];
    const more = verdict === "undecided" ? " About 31,500 users would decide it." : "";
    return {
      gate: `ndcg@20 drops at most 1 %${slice}`,
      verdict,
      words: `NDCG@20 drops by ${percent(lost)} (95 % interval ${percent(lost - wide)} to ${percent(lost + wide)}, paired t test over 12,004 users), ${said}.${more}`,
      ...{ estimate: lost, limit: 0.01, interval: [lost - wide, lost + wide], users: 12_004 },
      ...(verdict === "undecided" && { usersToDecide: 31_500 }),
    };
  };
  const small = raw <= 200_000;
  return [
    quality("", drop, 0.006),
    quality(" (tail)", drop * 1.4 + 0.001, 0.008),
    {
      ...{ gate: "bytes ≤ 200 KB", verdict: small ? "pass" : "fail", estimate: raw, limit: 200_000 },
      words: `It weighs ${(raw / 1000).toFixed(1)} KB of the 200 KB that are allowed.`,
    },
  ];
}
