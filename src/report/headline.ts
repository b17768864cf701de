// What was achieved, in one sentence. The pick is the smallest variant that keeps 99 % of the teacher's main metric or,
// where none reaches the teacher, 99 % of the best of them. It says what was measured, not that a difference is significant.

import { formatBytes } from "../base/format.ts";
import { latencyAt } from "./cost-figures.ts";
import { formatMilliseconds, formatShare, mainMetric, metricLabel } from "./measures.ts";
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
  const label = metricLabel(metric);
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
  const best = Math.max(...others.map(score));
  const bar = KEPT * Math.min(score(teacher), best);
  const pick = others.filter((v) => score(v) >= bar).reduce((a, b) => (b.cost.bytes.raw < a.cost.bytes.raw ? b : a));
  const share = pick.cost.bytes.raw / teacher.cost.bytes.raw;
  const size = share <= 1 ? `${formatShare(share)} of its bytes` : `${share.toFixed(1)} times its bytes`;
  const kept = score(teacher) > 0 ? score(pick) / score(teacher) : Number.NaN;
  const quality = Number.isFinite(kept)
    ? `keeps ${formatShare(kept)} of the teacher's ${label}`
    : `reaches ${label} ${score(pick).toFixed(4)} where the teacher reaches none`;
  return {
    sentence: `${pick.name} ${quality} at ${size}.`,
    teacher,
    pick,
    why: `the smallest that keeps ${100 * KEPT} % of the ${best < score(teacher) ? "best beside the teacher" : "quality"}`,
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
        value: formatMilliseconds(latencyAt(pick.cost).p50),
        label: "to answer (median)",
        against: `teacher ${formatMilliseconds(latencyAt(teacher.cost).p50)}, ${times(latencyAt(teacher.cost).p50 / latencyAt(pick.cost).p50, "faster", "slower")}`,
      },
    ],
  };
}

function times(ratio: number, more: string, less: string): string {
  const [factor, word] = ratio >= 1 ? [ratio, more] : [1 / ratio, less];
  return Number.isFinite(factor) ? `${factor.toFixed(factor < 10 ? 1 : 0)}× ${word}` : more;
}
