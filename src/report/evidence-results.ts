// What a run says about how near its variants are to the teacher and whether they pass its gates. Plain JSON.

import type { Figures } from "../evidence/evaluate.ts";

/** How far a variant's lists are from its teacher's. */
export interface Fidelity extends Figures {
  /** The variant that it is compared with. */
  readonly against: string;
  /** "overlap@10", "rbo@20", "kendall@20", "drift@20" as metrics; the same over each slice of users. */
  readonly slices: readonly (Figures & { readonly name: string; readonly users: number })[];
  /** The users hurt most, the worst first: what the main metric lost, and how much of the teacher's list is left. */
  readonly hurt: readonly { readonly user: string; readonly lost: number; readonly overlap: number }[];
}

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
