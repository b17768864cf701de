// What the doctor says: one reason why a model is not smaller or not faster, and what mends it.

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
  "runtime-refuses",
] as const;

export interface Finding {
  readonly kind: (typeof findingKinds)[number];
  /** A table, a constant or a node. */
  readonly where: string;
  /** What is wrong, with its numbers. */
  readonly what: string;
  /** The pass or command that mends it. */
  readonly mend: string;
  /** Bytes that mending it saves; 0 where it costs time, not bytes. */
  readonly bytes: number;
}

/** The costliest first. */
export const ranked = (findings: readonly Finding[]): Finding[] =>
  [...findings].sort((a, b) => b.bytes - a.bytes || findingKinds.indexOf(a.kind) - findingKinds.indexOf(b.kind));

export const percent = (part: number, whole: number): string => `${((100 * part) / Math.max(1, whole)).toFixed(0)} %`;
