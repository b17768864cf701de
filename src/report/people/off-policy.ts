// Off-policy estimates in words and a table, for a terminal.

import { formatCount, formatTable } from "../../base/format.ts";
import type { Estimate, OffPolicy, PolicyEvidence } from "../../evidence/off-policy/estimate.ts";
import { excludedText, intervalText } from "./words.ts";

/** What `distilrec off-policy` prints. */
export function offPolicyText(found: OffPolicy): string {
  const { rows, units, excluded, level, logged, policies, differences } = found;
  const of = units === rows ? `${formatCount(rows)} rows` : `${formatCount(rows)} rows of ${formatCount(units)} units`;
  const [first, second] = policies;
  return [
    `${of}${excludedText(excluded)}. Mean reward as logged: ${said(logged)}. Intervals: ${100 * level} %, bootstrap over ${units === rows ? "rows" : "units"}.`,
    ...policies.map(policyText),
    ...(differences && first && second
      ? [`${first.name} less ${second.name}, paired:\n${tableOf(differences.map((d) => [d.method, d] as const))}`]
      : []),
  ].join("\n\n");
}

function policyText({ name, support, estimates }: PolicyEvidence): string {
  const { meanWeight, effectiveSampleSize, largestWeight, effectiveRewards, neverLogged } = support;
  const weights = `mean weight ${meanWeight.toFixed(3)} (1 where the log reaches all of it), largest ${largestWeight.toPrecision(3)}`;
  const worth = `worth ${formatCount(effectiveSampleSize)} rows and ${formatCount(effectiveRewards)} rewards of its own`;
  const unseen = neverLogged > 0 ? `; ${(100 * neverLogged).toFixed(2)} % of what it shows was never logged` : "";
  return `${name}: ${weights}; ${worth}${unseen}\n${tableOf(estimates.map((e) => [e.method, e, e.lift]))}`;
}

function tableOf(rows: readonly (readonly [string, Estimate, (Estimate | undefined)?])[]): string {
  const answered = rows.filter(([, e]) => e.estimate !== undefined);
  const refused = new Map<string, string[]>();
  for (const [method, e] of rows) {
    if (e.estimate === undefined) refused.set(e.refused!, [...(refused.get(e.refused!) ?? []), method]);
  }
  const lifts = answered.some(([, , lift]) => lift);
  const table = formatTable([
    ["estimator", "reward", "interval", ...(lifts ? ["against the log", "interval"] : [])],
    ...answered.map(([method, e, lift]) => [
      method,
      number(e),
      range(e),
      ...(lifts ? [number(lift), range(lift)] : []),
    ]),
  ]);
  return [
    ...(answered.length ? [table] : []),
    ...Array.from(refused, ([why, methods]) => `${methods.join(", ")}: refused: ${why}`),
    ...answered.flatMap(([method, e]) => (e.refused ? [`${method}: no interval: ${e.refused}`] : [])),
  ].join("\n");
}

const number = (e: Estimate | undefined): string => e?.estimate?.toFixed(5) ?? "";
const range = (e: Estimate | undefined): string => (e?.interval ? intervalText(e.interval) : "–");
const said = (e: Estimate): string => `${number(e)} (${range(e)})`;
