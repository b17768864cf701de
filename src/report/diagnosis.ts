// What the doctor found, as people read it on a terminal.

import { formatBytes, formatTable } from "../base/format.ts";
import { formatShare } from "./figures.ts";

/** In the order in which a report lists them where bytes are equal. */
export const findingKinds = [
  "exempt-table",
  "unused-rows",
  "zero-columns",
  "masked-not-sliced",
  "sparse-as-dense",
  "dense-as-sparse",
  "dequantized-whole",
  "unfused-quantization",
  "cast-sandwich",
  "constant-twice",
  "constant-unused",
  "runtimes-disagree",
  "sums-saturate",
  "runtime-refuses",
] as const;

/** One reason why a model is not smaller or not faster, and what mends it. */
export interface Finding {
  readonly kind: (typeof findingKinds)[number];
  /** A table, a constant, a node or a runtime. */
  readonly where: string;
  /** What is wrong, with its numbers. */
  readonly what: string;
  /** The pass or command that mends it. */
  readonly mend: string;
  /** Bytes that mending it saves; 0 where it costs time, not bytes. */
  readonly bytes: number;
}

export interface Agreement {
  readonly runtime: string;
  /** Questions whose first items are those of our kernels (of the first runtime, for a graph), of `asked`. */
  readonly same: number;
  readonly asked: number;
  /** Largest difference of a score, as a share of the largest score. */
  readonly apart: number;
}

export interface Diagnosis {
  readonly bytes: number;
  /** Nothing in it is packed: every number is float32. */
  readonly unpacked: boolean;
  /** [name, kind or encoding, bytes], the largest first. */
  readonly tables: readonly (readonly [string, string, number])[];
  /** [operator, nodes, bytes], of a graph whose shapes are known. */
  readonly ops: readonly (readonly [string, number, number])[];
  readonly findings: readonly Finding[];
  /** Of the runtimes that were asked. */
  readonly agreements?: readonly Agreement[];
}

/** The costliest first. */
export const ranked = (findings: readonly Finding[]): Finding[] =>
  [...findings].sort((a, b) => b.bytes - a.bytes || findingKinds.indexOf(a.kind) - findingKinds.indexOf(b.kind));

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
            ...tables.map(([name, kind, n]) => [name, kind, formatBytes(n), formatShare(n / bytes)]),
          ]),
        ]
      : []),
    ...(ops.length > 0
      ? [
          formatTable([
            ["operator", "nodes", "constants", "share"],
            ...ops.map(([op, nodes, n]) => [op, `${nodes}`, formatBytes(n), formatShare(n / bytes)]),
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
