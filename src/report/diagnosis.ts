// What the doctor found, as people read it on a terminal.

import { formatBytes, formatTable } from "../base/format.ts";

export interface Told {
  readonly kind: string;
  readonly where: string;
  readonly what: string;
  readonly mend: string;
  readonly bytes: number;
}

export interface Diagnosis {
  readonly bytes: number;
  /** Nothing in it is packed: every number is float32. */
  readonly unpacked: boolean;
  /** [name, kind or encoding, bytes], the largest first. */
  readonly tables: readonly (readonly [string, string, number])[];
  /** [operator, nodes, bytes], of a graph whose shapes are known. */
  readonly ops: readonly (readonly [string, number, number])[];
  readonly findings: readonly Told[];
  /** Of the runtimes that were asked. */
  readonly agreements?: readonly {
    readonly runtime: string;
    readonly same: number;
    readonly asked: number;
    readonly apart: number;
  }[];
}

/** Several paragraphs. */
export function renderDiagnosis(
  model: string,
  { bytes, unpacked, tables, ops, findings, agreements }: Diagnosis,
): string {
  const saved = findings.reduce((sum, one) => sum + one.bytes, 0);
  const could = saved > 0 ? `, and about ${formatBytes(Math.min(saved, bytes))} could go` : "";
  const count = findings.length === 1 ? "one thing keeps" : `${findings.length} things keep`;
  const verdict =
    findings.length === 0 ? "nothing is wrong with it." : `${count} it larger or slower than it need be${could}.`;
  const share = (n: number) => `${((100 * n) / Math.max(1, bytes)).toFixed(1)} %`;
  return [
    `${model}: ${formatBytes(bytes)} of numbers; ${verdict}`,
    ...findings.map(({ kind, where, what, mend, bytes: own }, i) =>
      [
        `${i + 1}. ${kind}: ${where}${own > 0 ? ` (${formatBytes(own)})` : ""}`,
        `   ${what}`,
        `   To mend it: ${mend}`,
      ].join("\n"),
    ),
    ...(tables.length > 0
      ? [
          formatTable([
            ["table", "kept as", "bytes", "share"],
            ...tables.map(([name, kind, n]) => [name, kind, formatBytes(n), share(n)]),
          ]),
        ]
      : []),
    ...(ops.length > 0
      ? [
          formatTable([
            ["operator", "nodes", "constants", "share"],
            ...ops.map(([op, nodes, n]) => [op, `${nodes}`, formatBytes(n), share(n)]),
          ]),
        ]
      : []),
    ...(agreements
      ? [
          formatTable([
            ["answered by", "same first items", "scores apart by"],
            ...agreements.map(({ runtime, same, asked, apart }) => [
              ...[runtime, `${same} of ${asked}`, `${(100 * apart).toPrecision(2)} %`],
            ]),
          ]),
        ]
      : []),
    ...(unpacked ? ["Nothing in it is packed yet: distilrec compress makes it smaller."] : []),
  ].join("\n\n");
}
