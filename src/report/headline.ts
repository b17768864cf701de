// What was achieved, in one sentence. With gates the pick is the smallest variant that passes them all. Without, it is
// the smallest that keeps 99 % of the teacher's main metric or, where none reaches the teacher, 99 % of the best of
// them: that says what was measured, not that a difference is significant.

import { formatBytes } from "../base/format.ts";
import { latencyAt } from "./cost-figures.ts";
import type { GateOutcome, Verdict } from "./evidence-results.ts";
import { counted, formatMilliseconds, formatShare, listed } from "./figures.ts";
import { mainLabel, mainMetric } from "./measures.ts";
import type { Results, Variant } from "./results.ts";

const KEPT = 0.99;

export interface Headline {
  readonly sentence: string;
  readonly teacher?: Variant;
  readonly pick?: Variant;
  /** Why it is the pick, as words that follow its name. */
  readonly why?: string;
  /** Three figures with the comparison they rest on; empty without a teacher and a pick. */
  readonly figures: readonly { readonly value: string; readonly label: string; readonly against: string }[];
}

/** The run's outcome in words and three figures. */
export function headlineOf(results: Results): Headline {
  const metric = mainMetric(results);
  const label = mainLabel(results);
  // A metric that is missing or no number counts as nothing found.
  const score = (v: Variant) => v.metrics[metric] || 0;
  const teacher = results.variants.find((v) => v.role === "teacher");
  const others = results.variants.filter((v) => v.role !== "teacher");
  if (!teacher || others.length === 0) {
    const only = [...results.variants].sort((a, b) => score(b) - score(a))[0];
    if (!only) return { sentence: "This run has evaluated nothing yet.", figures: [] };
    const sentence = `${only.name} reaches ${label} ${score(only).toFixed(4)} in ${formatBytes(only.cost.bytes.raw)}.`;
    return { sentence, ...(teacher && { teacher }), figures: [] };
  }
  const { pick, why, passed } = gatedPick(others) ?? smallestKeeper(others, score, score(teacher));
  const share = pick.cost.bytes.raw / teacher.cost.bytes.raw;
  const size = share <= 1 ? `${formatShare(share)} of its bytes` : `${share.toFixed(1)} times its bytes`;
  const kept = score(teacher) > 0 ? score(pick) / score(teacher) : Number.NaN;
  const quality = Number.isFinite(kept)
    ? `keeps ${formatShare(kept)} of the teacher's ${label}`
    : `reaches ${label} ${score(pick).toFixed(4)} where the teacher reaches none`;
  const sentence = {
    all: `${pick.name} passes ${allOf(pick.gates?.length ?? 0)} and ${quality} at ${size}.`,
    some: `No variant passes ${allOf(pick.gates?.length ?? 0)}; ${pick.name} comes nearest: ${tally(pick.gates ?? [])}.`,
    none: `${pick.name} ${quality} at ${size}.`,
  }[passed];
  return {
    ...{ sentence, teacher, pick, why },
    figures: [
      {
        value: formatShare(kept),
        label: `of the teacher's ${label}`,
        against: `${score(pick).toFixed(4)} against ${score(teacher).toFixed(4)}`,
      },
      {
        value: formatBytes(pick.cost.bytes.raw),
        label: "to ship",
        against: `teacher ${formatBytes(teacher.cost.bytes.raw)}, ${times(teacher.cost.bytes.raw / pick.cost.bytes.raw, "smaller", "larger")}`,
      },
      {
        value: formatMilliseconds(p50(pick)),
        label: "to answer (median)",
        against: `teacher ${formatMilliseconds(p50(teacher))}, ${times(p50(teacher) / p50(pick), "faster", "slower")}`,
      },
    ],
  };
}

interface Pick {
  readonly pick: Variant;
  readonly why: string;
  /** Whether it passes all gates, some of them at best, or there are none. */
  readonly passed: "all" | "some" | "none";
}

/** The smallest of those that pass every gate or, where none does, that come nearest: fewest fail, then fewest stay open. */
function gatedPick(others: readonly Variant[]): Pick | undefined {
  const judged = others.filter((v) => v.gates && v.gates.length > 0);
  if (judged.length === 0) return undefined;
  const far = (v: Variant) => [count(v.gates, "fail"), count(v.gates, "undecided"), v.cost.bytes.raw] as const;
  const pick = judged.reduce((a, b) => (below(far(b), far(a)) ? b : a));
  return passes(pick.gates)
    ? { pick, why: "the smallest that passes every gate", passed: "all" }
    : { pick, why: "the nearest to passing every gate", passed: "some" };
}

function smallestKeeper(others: readonly Variant[], score: (v: Variant) => number, teacher: number): Pick {
  const best = Math.max(...others.map(score));
  const bar = KEPT * Math.min(teacher, best);
  const pick = others.filter((v) => score(v) >= bar).reduce((a, b) => (b.cost.bytes.raw < a.cost.bytes.raw ? b : a));
  const of = best < teacher ? "best beside the teacher" : "quality";
  return { pick, why: `the smallest that keeps ${100 * KEPT} % of the ${of}`, passed: "none" };
}

function below(a: readonly number[], b: readonly number[]): boolean {
  const at = a.findIndex((x, i) => x !== b[i]);
  return at >= 0 && a[at]! < b[at]!;
}

const count = (gates: readonly GateOutcome[] | undefined, verdict: Verdict): number =>
  (gates ?? []).filter((gate) => gate.verdict === verdict).length;

/** Whether there are gates and all are passed. */
export const passes = (gates: readonly GateOutcome[] | undefined): boolean =>
  gates !== undefined && gates.length > 0 && gates.every(({ verdict }) => verdict === "pass");

/** "2 of 4 pass, 1 fails and 1 is undecided". */
export function tally(gates: readonly GateOutcome[]): string {
  const [pass, fail, open] = (["pass", "fail", "undecided"] as const).map((verdict) => count(gates, verdict));
  return listed([
    `${pass} of ${counted(gates.length, "gate")} ${pass === 1 ? "passes" : "pass"}`,
    ...(fail ? [`${fail} ${fail === 1 ? "fails" : "fail"}`] : []),
    ...(open ? [`${open} ${open === 1 ? "is" : "are"} undecided`] : []),
  ]);
}

const allOf = (gates: number) => (gates === 1 ? "its gate" : `all ${gates} gates`);

const p50 = (v: Variant): number => latencyAt(v.cost).p50;

function times(ratio: number, more: string, less: string): string {
  const [factor, word] = ratio >= 1 ? [ratio, more] : [1 / ratio, less];
  return Number.isFinite(factor) ? `${factor.toFixed(factor < 10 ? 1 : 0)}× ${word}` : more;
}
