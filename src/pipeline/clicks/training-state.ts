// A training between two epochs as files: all its numbers in one safetensors file, the rest as JSON.

import { readSafetensors, writeSafetensors } from "../../artifact/safetensors.ts";
import { must } from "../../base/errors.ts";
import type { LoopState } from "../../engine/training/train.ts";
import type { Checkpoint } from "../../engine/training/trainer.ts";
import type { Tensor } from "../../tables/table.ts";
import type { Files } from "../stage.ts";

/** What the run shows of an epoch; without clocks, so that two runs say the same. */
export interface EpochReading {
  readonly epoch: number;
  readonly loss: number;
  /** On validation. */
  readonly metric: number;
}

export interface TrainingState {
  readonly loop: LoopState;
  readonly readings: readonly EpochReading[];
}

const notePath = "training.json";
const numbersPath = "numbers.safetensors";

/** The files of a state; a best state that is the present one is written once. */
export function encodeTraining({ loop, readings }: TrainingState): Files {
  const { present, kept, ...rest } = loop;
  const tensors = new Map<string, Tensor>();
  const note = (checkpoint: Checkpoint, place: string) => {
    for (const [name, data] of Object.entries(checkpoint.graph)) put(tensors, [place, name], data);
    for (const [table, state] of Object.entries(checkpoint.tables)) {
      for (const [name, parts] of Object.entries(state)) {
        for (const [p, part] of parts.entries()) put(tensors, [place, table, name, p], part);
      }
    }
    return { batches: checkpoint.batches, updates: checkpoint.updates };
  };
  const json = {
    ...rest,
    present: note(present, "present"),
    ...(kept !== present && { kept: note(kept, "kept") }),
    readings,
  };
  return {
    [notePath]: new TextEncoder().encode(JSON.stringify(json)),
    [numbersPath]: writeSafetensors(tensors),
  };
}

/** The state in these files, which a store has checked to be as they were written. */
export function decodeTraining(files: Files): TrainingState {
  const { readings, present, kept, ...rest } = JSON.parse(
    new TextDecoder().decode(must(files[notePath], notePath)),
  ) as Note;
  const tensors = readSafetensors(must(files[numbersPath], numbersPath), numbersPath);
  const now = checkpointOf(tensors, "present", present);
  return {
    readings,
    loop: { ...rest, present: now, kept: kept ? checkpointOf(tensors, "kept", kept) : now },
  };
}

type Counts = Pick<Checkpoint, "batches" | "updates">;

interface Note extends Pick<LoopState, "epoch" | "best"> {
  readonly readings: readonly EpochReading[];
  readonly present: Counts;
  readonly kept?: Counts;
}

type Path = readonly [place: string, name: string, state?: string, part?: number];

const put = (tensors: Map<string, Tensor>, path: Path, data: Float32Array): void => {
  // A checkpoint's arrays are copies in ordinary memory.
  tensors.set(JSON.stringify(path), data as Float32Array<ArrayBuffer>);
};

function checkpointOf(tensors: ReadonlyMap<string, Tensor>, place: string, counts: Counts): Checkpoint {
  const graph: Record<string, Float32Array> = {};
  const tables: Record<string, Record<string, Float32Array[]>> = {};
  for (const [key, data] of tensors) {
    const [where, name, state, part = 0] = JSON.parse(key) as Path;
    if (where !== place) continue;
    const numbers = data as Float32Array;
    if (state === undefined) {
      graph[name] = numbers;
      continue;
    }
    tables[name] ??= {};
    tables[name][state] ??= [];
    tables[name][state][part] = numbers;
  }
  return { ...counts, graph, tables };
}
