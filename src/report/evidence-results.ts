// What a run says about how near its variants are to the teacher and whether they pass its gates. Plain JSON.

export type { Fidelity } from "../evidence/fidelity/fidelity.ts";

export type Verdict = "pass" | "fail" | "undecided";

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
  /** Users that the test rests on, and how many would decide an undecided one. */
  readonly users?: number;
  readonly usersToDecide?: number;
}
