// A stage reads content-addressed inputs and writes content-addressed outputs. Its key is a hash of what it does (name,
// version), how (options) and to what (input keys), so a kept output can be taken for a new one, and nothing else can.

import { sha256 } from "../base/sha256.ts";
import type { Surroundings } from "./surroundings.ts";

/** Path inside the stage's folder → bytes. */
export type Files = Readonly<Record<string, Uint8Array>>;

/** Keeps the outputs of stages; node/store.ts does so in a run's folder. */
export interface Store {
  /** The files of a stage, when they are there and intact. */
  read(stage: string, key: string): Promise<Files | undefined>;
  /** Keeps them all or none, in place of earlier ones. */
  write(stage: string, key: string, files: Files): Promise<void>;
  /** Forgets them. */
  drop(stage: string, key: string): Promise<void>;
  /** Shows kept stages as `artifacts/<name>` and `files` beside them, in place of the earlier ones. */
  publish(artifacts: Readonly<Record<string, { stage: string; key: string }>>, files: Files): Promise<void>;
}

/** Forgets everything: for commands that have no folder to keep it in. */
export const noStore: Store = {
  read: async () => undefined,
  write: async () => {},
  drop: async () => {},
  publish: async () => {},
};

/** What a stage is; `version` rises when its code gives other bytes for the same options and inputs. */
export interface Stage<T> {
  readonly stage: string;
  readonly version: number;
  /** What people read while it runs. */
  readonly label: string;
  readonly options: unknown;
  readonly inputs: readonly string[];
  encode(value: T): Files;
  decode(files: Files): T;
  compute(step: (done: number, total: number, note?: string) => void, unfinished: Unfinished): Promise<T>;
}

/** How far a long computation has come, kept until it is done: after a kill it goes on from there. */
export interface Unfinished {
  read(): Promise<Files | undefined>;
  write(files: Files): Promise<void>;
}

export interface Keyed<T> {
  readonly key: string;
  readonly value: T;
}

/** The stage's kept output, or its new one, kept. */
export async function runStage<T>(
  stage: Stage<T>,
  { store, progress }: Pick<Surroundings, "store" | "progress">,
): Promise<Keyed<T>> {
  const key = stageKey(stage);
  const kept = await store.read(stage.stage, key);
  const task = progress.start(stage.label);
  if (kept) {
    const value = stage.decode(kept);
    task.end("kept from before");
    return { key, value };
  }
  const half = `${stage.stage}-unfinished`;
  const unfinished = {
    read: () => store.read(half, key),
    write: (files: Files) => store.write(half, key, files),
  };
  const value = await stage.compute(task.step, unfinished);
  await store.write(stage.stage, key, stage.encode(value));
  await store.drop(half, key);
  task.end();
  return { key, value };
}

/** 64 hex digits that name the output of a stage. */
export const stageKey = ({
  stage,
  version,
  options,
  inputs,
}: Pick<Stage<never>, "stage" | "version" | "options" | "inputs">): string =>
  sha256(canonicalJson({ stage, version, options, inputs }));

/** JSON with sorted keys: equal values give equal text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((entry) => canonicalJson(entry ?? null)).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, entry]) => `${JSON.stringify(key)}:${canonicalJson(entry)}`).join(",")}}`;
}
