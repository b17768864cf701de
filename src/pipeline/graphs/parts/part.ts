// A part of a graph that can go as a whole: a field of its input, a head of its attention, an expert, a block.

import type { ForeignArtifact } from "../../../artifact/foreign.ts";
import type { Gone } from "../../../graph/cut/gone.ts";
import type { Graph } from "../../../graph/graph.ts";
import type { RunTensor } from "../../../graph/runtime.ts";

export const partKinds = ["fields", "heads", "experts", "blocks"] as const;
export type PartKind = (typeof partKinds)[number];

/** By kind a share of the parts, or their names. A share of 0 takes those out without which no answer changes. */
export type PartWishes = Readonly<Partial<Record<PartKind, number | readonly string[] | undefined>>>;

/** What of `given` is a wish. */
export const wishesOf = <T extends PartWishes>(given: T): Pick<T, PartKind & keyof T> =>
  Object.fromEntries(partKinds.flatMap((kind) => (given[kind] === undefined ? [] : [[kind, given[kind]]]))) as Pick<
    T,
    PartKind & keyof T
  >;

export interface Part {
  readonly name: string;
  /** Parts of one group are beside each other, and one of them has to stay. */
  readonly group?: string;
  /** What is gone of inputs and constants without it. */
  readonly gone: ReadonlyMap<string, Gone>;
  /** A value that is no longer computed, and the one that takes its place. */
  readonly bypass?: { readonly value: string; readonly by: string };
  /** Whether what sums lose with it is made up for by what it was on average. */
  readonly moves: boolean;
  /** Of a field: which columns fill it. */
  readonly field?: Field;
}

export interface Field {
  /** The inputs that it fills, and which positions of axis 1; all of the input without. */
  readonly fills: readonly { readonly input: string; readonly positions?: readonly number[] }[];
  /** Rows of a table that all fields of the input share, numbered through. */
  readonly rows?: { readonly first: number; readonly count: number };
  /** Which of the artifact's fitted columns it is. */
  readonly fitted?: number;
}

/** An artifact as far as parts of it can go. */
export type Whole = Pick<ForeignArtifact, "graph" | "manifest" | "columns">;

export type Feeds = Readonly<Record<string, RunTensor>>;

/** What is left. */
export interface Cut extends Whole {
  readonly graph: Graph;
  /** What it reads, from what the whole reads. */
  adapt(feeds: Feeds): Feeds;
}
