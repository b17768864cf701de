// What a run says about how near its variants are to the teacher and whether they pass its gates. Plain JSON.

export type { Fidelity } from "../evidence/fidelity/fidelity.ts";

import type { Verdict } from "../evidence/gates/decide.ts";

export type { Verdict };

/** What became of one gate for one variant. */
export interface GateOutcome {
  /** The gate as one line, such as "ndcg@20 drops at most 1 % (tail)". */
  readonly gate: string;
  readonly verdict: Verdict;
  /** The whole finding in one sentence. */
  readonly words: string;
  /** The measured value or drop, what it may be at most, and the interval that decided, in the gate's unit. */
  readonly estimate: number;
  readonly limit: number;
  readonly interval?: readonly [number, number];
  /** What decided, and how sure it was of the side: 1 - alpha. Absent for what is read off, such as bytes. */
  readonly test?: "t" | "bootstrap";
  readonly confidence?: number;
  /** Users (rows, where those are not known) that the test rests on, and how many would decide an undecided one. */
  readonly users?: number;
  readonly usersToDecide?: number;
}
