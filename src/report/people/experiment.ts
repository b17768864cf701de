// Experiments, satisfaction and interleaving in words and tables, for a terminal.

import { formatCount, formatTable } from "../../base/format.ts";
import type { Compared, Comparison, Difference } from "../../evidence/experiments/compare.ts";
import type { InterleavedRows } from "../../evidence/experiments/interleaved-rows.ts";
import type { Survey } from "../../evidence/experiments/satisfaction.ts";
import { excludedText, intervalText } from "./words.ts";

/** What `distilrec experiment` prints. */
export function experimentText(found: Comparison): string {
  const { users, excluded, control, level, mismatch, measures } = found;
  const counts = Object.entries(users).map(([name, n]) => `${name} ${formatCount(n)}`);
  const others = Object.keys(users).length - 1;
  return [
    `Users: ${counts.join(", ")}${excludedText(excluded)}. Control: ${control}. Intervals: ${100 * level} %, each by itself.`,
    mismatch.refused
      ? `Refused: ${mismatch.refused}`
      : `The users are divided as planned (p = ${mismatch.p.toFixed(3)}).`,
    ...measures.map((measure) => measureText(measure, mismatch.refused)),
    ...(measures.length * others > 1
      ? [
          `${measures.length * others} differences were tested; of equal ones, one in ${Math.round(1 / (1 - level))} is called different by chance.`,
        ]
      : []),
  ].join("\n\n");
}

/** What `distilrec satisfaction` prints: who answered, then the measures. */
export function satisfactionText(found: Comparison, survey: Omit<Survey, "measure"> | undefined): string {
  if (!survey) return experimentText(found);
  const { answers, mismatch, excluded } = survey;
  const rates = Object.entries(answers).map(([name, n]) => {
    const asked = found.users[name]!;
    return `${name} ${formatCount(n)} (${asked === 0 ? "0.0" : ((100 * n) / asked).toFixed(1)} %)`;
  });
  const same = mismatch.refused
    ? `Refused: ${mismatch.refused}`
    : `Who answers does not depend on the variant (p = ${mismatch.p.toFixed(3)}).`;
  return [`Answers: ${rates.join(", ")}${excludedText(excluded)}. ${same}`, experimentText(found)].join("\n\n");
}

function measureText({ measure, note, variants, differences, varianceRemoved }: Compared, said?: string): string {
  const means = formatTable([
    ["variant", "users", "mean", "interval"],
    ...variants.map(({ variant, users, mean, interval }) => [
      ...[variant, formatCount(users), mean === undefined ? "–" : four(mean)],
      interval ? intervalText(interval, 4) : "–",
    ]),
  ]);
  const removed =
    varianceRemoved === undefined
      ? ""
      : `; figures from before remove ${(100 * varianceRemoved).toFixed(1)} % of the variance`;
  const told = differences.flatMap((d) => (d.refused === said && said !== undefined ? [] : [differenceText(d)]));
  return [`${measure}${note === undefined ? "" : `: ${note}`}${removed}`, means, ...told].join("\n");
}

function differenceText({
  variant,
  difference,
  interval,
  p,
  relative,
  relativeInterval,
  anytime,
  refused,
}: Difference): string {
  if (refused !== undefined) return `${variant}: refused: ${refused}`;
  const share = (x: number) => `${(100 * x).toFixed(2)} %`;
  const ofControl =
    relative === undefined ? "" : `, ${share(relative)} of it (${relativeInterval!.map(share).join(" to ")})`;
  const looks = anytime ? `; at any time ${intervalText(anytime.interval, 4)}, p = ${probability(anytime.p)}` : "";
  return `${variant} less control: ${four(difference!)} (${intervalText(interval!, 4)}), p = ${probability(p!)}${ofControl}${looks}`;
}

/** What `distilrec interleaving` prints. */
export function interleavingText(found: InterleavedRows, level: number): string {
  const { first, second, lists, users, wins, losses, ties, preference, interval, p, refused, excluded } = found;
  const counts = `${formatCount(lists)} lists of ${formatCount(users)} users${excludedText(excluded)}: ${wins} prefer ${first}, ${losses} prefer ${second}, ${ties} neither.`;
  if (refused !== undefined) return `${counts}\nRefused: ${refused}`;
  return `${counts}\nPreference for ${first}, -1 to 1: ${four(preference!)} (${intervalText(interval!, 4)}, ${100 * level} %, over users); sign test p = ${probability(p!)}`;
}

const four = (x: number): string => x.toFixed(4);
const probability = (p: number): string => (p < 1e-4 ? p.toExponential(1) : p.toFixed(4));
