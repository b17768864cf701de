// What each part of a graph costs, and which went, as a table.

import { formatTable } from "../base/format.ts";
import type { PartReport } from "../pipeline/graphs/parts/choose.ts";

/** Those that went first, then by what they cost. */
export function partsTable(parts: readonly PartReport[]): string {
  const losses = parts.some(({ lost }) => lost !== undefined);
  const rank = ({ gone, moves = Number.POSITIVE_INFINITY }: PartReport) => (gone ? -1 : 1 - 1 / (1 + moves));
  const sorted = [...parts].sort((a, b) => rank(a) - rank(b));
  const rows = sorted.map(({ kind, name, gone, moves, lost, refused }) => [
    ...[kind, name, gone ? "out" : "stays", moves?.toPrecision(2) ?? ""],
    ...(losses ? [lost?.toFixed(4) ?? ""] : []),
    refused ?? "",
  ]);
  const head = ["of", "part", "", "moves alone", ...(losses ? ["AUC lost alone"] : []), ""];
  return `${formatTable([head, ...rows])}\n\nHow far logits or answers move without it alone, in shares of their standard deviation.`;
}
