// What a run found, as written to results.json and drawn in report.html. Plain JSON; knows numbers, not methods.

import type { Drop } from "../data/clean.ts";
import type { Candidates, LeftOut } from "../evidence/candidates.ts";
import type { Figures, SliceFigures } from "../evidence/evaluate.ts";
import type { Cost } from "./cost-results.ts";
import type { Fidelity, GateOutcome } from "./evidence-results.ts";

export type { Drop };

export interface PassOutcome {
  readonly use: string;
  readonly changed: readonly string[];
  readonly refused: readonly { readonly table: string; readonly reason: string }[];
}

/** A step of a progressive variant: the one that did not pass its gate, if any, is the last. */
export interface StepOutcome {
  readonly passes: readonly string[];
  /** Of the tables that it would have shipped. */
  readonly bytes: number;
  /** On the validation part, against what was compressed. */
  readonly gate: GateOutcome;
}

export interface Variant {
  readonly name: string;
  readonly role: "teacher" | "student" | "variant";
  /** The variant it was distilled from or compressed from; absent for the teacher. */
  readonly of?: string;
  /** The model's name in the registry, e.g. "ease". */
  readonly method: string;
  readonly passes?: readonly PassOutcome[];
  /** Of a progressive variant. */
  readonly steps?: readonly StepOutcome[];
  /** Test metrics such as "ndcg@20", and the standard error of each that is a mean over users. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly standardError: Readonly<Record<string, number>>;
  /** Standard error of the mean difference from the teacher, user by user; absent for the teacher. */
  readonly pairedError?: Readonly<Record<string, number>>;
  /** The same for head, mid and tail items, cold users, and what else the recipe asks for. */
  readonly slices: readonly SliceFigures[];
  /** Against the teacher; absent for the teacher itself. */
  readonly fidelity?: Fidelity;
  /** One an entry of the recipe's gates; absent for the teacher and without gates. */
  readonly gates?: readonly GateOutcome[];
  readonly cost: Cost;
  /** Path of the artifact folder, relative to results.json. */
  readonly artifact: string;
}

/** A user's last items and the first items of each variant's list, by readable name. */
export interface Sample {
  readonly user: string;
  readonly history: readonly string[];
  readonly truth: readonly string[];
  readonly lists: Readonly<Record<string, readonly string[]>>;
}

export interface Results {
  readonly recipe: string;
  readonly seed: number;
  readonly dataset: {
    readonly name: string;
    readonly users: number;
    readonly items: number;
    readonly interactions: number;
    readonly fingerprint: string;
    readonly dropped: readonly Drop[];
  };
  readonly split: {
    readonly use: string;
    readonly train: number;
    readonly validation: number;
    readonly test: number;
    readonly hash: string;
  };
  /** Set where every figure is sampled: only these were ranked. `added` relevant items were not in the file. */
  readonly candidates?: Pick<Candidates, "kind" | "perUser" | "fingerprint"> & { readonly added: number };
  /** Users and rows that no figure rests on; absent in results of older releases. */
  readonly leftOut?: readonly LeftOut[];
  /** A teacher that has lists and no model, and so is no variant; `method` says where they come from. */
  readonly teacher?: { readonly method: string; readonly slices: readonly SliceFigures[] } & Figures;
  readonly variants: readonly Variant[];
  readonly samples: readonly Sample[];
  readonly machine: { readonly cpu: string; readonly cores: number; readonly node: string; readonly load: number };
  /** The command that repeats this run. */
  readonly reproduce: string;
}
