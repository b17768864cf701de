// Two models on the same users or rows, as plain JSON and as text: every metric of both, what B is to A, and a verdict.

import { formatBytes, formatCount, formatTable } from "../base/format.ts";
import type { Verdict } from "../evidence/gates/decide.ts";
import type { Fidelity, GateOutcome } from "./evidence-results.ts";
import { formatDifference, formatInterval, formatShare } from "./figures.ts";

export interface Compared {
  readonly a: number;
  readonly b: number;
  /** b - a. */
  readonly difference: number;
  /** Of the difference; absent for a metric that is one number over all lists, and where a side is open. */
  readonly interval?: readonly [number, number];
  /** Whether B is not worse than A by more than the margin; absent with the interval. */
  readonly verdict?: Verdict;
  readonly words?: string;
  /** How many users would decide an undecided one. */
  readonly usersToDecide?: number;
}

export interface Comparison {
  readonly a: ComparedModel;
  readonly b: ComparedModel;
  readonly part: "test" | "validation";
  readonly slice?: string;
  /** What B may lose of each metric: a share, or an absolute number. */
  readonly margin: { readonly value: number; readonly type: "relative" | "absolute" };
  /** Of each verdict's side; intervals have 1 - 2 (1 - confidence). */
  readonly confidence: number;
  readonly units: { readonly name: string; readonly count: number };
  readonly metrics: Readonly<Record<string, Compared>>;
  /** What a reader must know before believing the rest. */
  readonly notes: readonly string[];
  /** Of B's lists to A's; recommenders have lists. */
  readonly fidelity?: Fidelity;
  /** fail where one fails, pass where all pass. */
  readonly verdict: Verdict;
}

export interface ComparedModel {
  readonly artifact: string;
  readonly name: string;
  /** All that a runtime must load, with the manifest. */
  readonly bytes: number;
}

/** What the table holds of a metric's absolute and of its margin's test. */
export function comparedOf(
  a: number,
  b: number,
  drop: { readonly interval: readonly [number, number]; readonly better: "high" | "low" | "one" },
  outcome: GateOutcome,
): Compared {
  // What is best at 1 may have moved to either side of it: the interval is of its distance from 1, no difference's.
  const [low, high] = drop.better === "high" ? [-drop.interval[1], -drop.interval[0]] : drop.interval;
  const closed = drop.better !== "one" && [low, high].every(Number.isFinite);
  const { verdict, words, usersToDecide } = outcome;
  return {
    ...{ a, b, difference: b - a, ...(closed && { interval: [low, high] as const }), verdict, words },
    ...(usersToDecide !== undefined && { usersToDecide }),
  };
}

/** fail where one fails, pass where all that have a verdict pass. */
export function overallVerdict(metrics: Readonly<Record<string, Compared>>): Verdict {
  const verdicts = Object.values(metrics).flatMap(({ verdict }) => (verdict ? [verdict] : []));
  if (verdicts.includes("fail")) return "fail";
  return verdicts.length > 0 && verdicts.every((verdict) => verdict === "pass") ? "pass" : "undecided";
}

/** The comparison as text, without a newline at its end. */
export function renderComparison(found: Comparison): string {
  const { a, b, margin, units } = found;
  const allowed =
    margin.type === "relative" ? `${Number((100 * margin.value).toPrecision(3))} %` : String(margin.value);
  const slice = found.slice === undefined ? "" : `, ${found.slice}`;
  return [
    `A  ${a.name} (${a.artifact}), ${formatBytes(a.bytes)}`,
    `B  ${b.name} (${b.artifact}), ${formatBytes(b.bytes)}, ${formatShare(b.bytes / a.bytes)} of A`,
    `On the ${found.part} part${slice}: ${formatCount(units.count)} ${units.name}; B may lose ${allowed} of each metric.`,
    ...found.notes,
    "",
    renderDifferences(found),
    "",
    `Verdict: ${found.verdict}.`,
  ].join("\n");
}

/** Each metric's difference and verdict, fidelity, and in words what does not pass. */
export function renderDifferences({
  metrics,
  fidelity,
  confidence,
}: Pick<Comparison, "metrics" | "fidelity" | "confidence">): string {
  const level = `${Math.round(100 * (2 * confidence - 1))} % interval`;
  const rows = Object.entries(metrics).map(([name, one]) => [
    ...[name, one.a.toFixed(4), one.b.toFixed(4), formatDifference(one.difference)],
    ...[formatInterval(one.interval, formatDifference), one.verdict ?? "–"],
  ]);
  const asked = Object.values(metrics).filter(({ verdict }) => verdict === "undecided" || verdict === "fail");
  const near = Object.entries(fidelity?.metrics ?? {}).map(([name, value]) => [
    name,
    /^overlap/.test(name) ? formatShare(value) : value.toFixed(3),
  ]);
  return [
    formatTable([["", "A", "B", "B - A", level, "verdict"], ...rows]),
    ...(near.length > 0 ? ["", "B's lists and scores against A's:", formatTable([["", "value"], ...near])] : []),
    ...(asked.length > 0 ? ["", ...asked.map(({ words }) => words ?? "")] : []),
  ].join("\n");
}

/** A model that was trained on other rows may have seen what it is measured on. `known` says whether A and B were not. */
export function trainedElsewhere(known: readonly [a: boolean, b: boolean]): string[] {
  const [a, b] = known;
  if (a && b) return [];
  const who = a ? "B was not" : b ? "A was not" : "Neither was";
  return [`${who} trained on this division of the data: what is measured may have been learnt by heart.`];
}
