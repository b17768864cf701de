// Answers requests from a Recommender with the kernels; the same code in a server and in a page.

import type { Kernels } from "../kernels/kernels.ts";
import type { Recommender } from "./recommender.ts";

export interface Query {
  /** Row of tables.user; for query "user". */
  readonly user?: number;
  /** Item indices, unique; for query "history". */
  readonly history?: Int32Array;
}

/** The k best items, best first (equal scores: lower index first); shorter when fewer are left. */
export interface Answer {
  readonly items: Int32Array;
  readonly scores: Float32Array;
}

export interface Scorer {
  recommend(query: Query, k: number, exclude?: Int32Array): Answer;
  /** All scores, one an item. */
  score(query: Query): Float32Array;
  free(): void;
}

/** Kernel memory that openScorer takes for this recommender, at most. */
export function scorerBytes(_recommender: Recommender): number {
  throw new Error("being written");
}

/** Loads the tables into kernel memory: f32, int8-row and int4-row stay packed, others are decoded to f32. */
export function openScorer(_kernels: Kernels, _recommender: Recommender): Scorer {
  throw new Error("being written");
}
