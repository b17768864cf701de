// The training loop: epochs over batches, a metric on held-back data, early stopping on it, checkpoints and progress.

import { createExplosionGuard } from "./divergence.ts";
import type { Checkpoint, Feeds, Trainer } from "./trainer.ts";

/** Where a training stands between two epochs; with the trainer's checkpoint it goes on to the same bits. */
export interface LoopState {
  readonly epoch: number;
  readonly best: { readonly epoch: number; readonly metric: number } | undefined;
  readonly present: Checkpoint;
  /** The state at the best epoch; the present one where that is the best. */
  readonly kept: Checkpoint;
}

export interface Reading {
  readonly epoch: number;
  readonly epochs: number;
  /** Mean loss of the epoch. */
  readonly loss: number;
  readonly metric: number | undefined;
  /** Rows trained in a second, metric aside. */
  readonly samplesPerSecond: number;
  readonly secondsLeft: number;
}

/** A reading in words; `measured` is what its metric is called. */
export const readingNote = (
  { epoch, loss, metric, samplesPerSecond, secondsLeft }: Reading,
  measured: string,
): string =>
  [
    `epoch ${epoch}`,
    `loss ${loss.toFixed(4)}`,
    ...(metric === undefined ? [] : [`${measured} ${metric.toFixed(4)}`]),
    `${Math.round(samplesPerSecond)} rows/s`,
    `at most ${Math.ceil(secondsLeft)} s left`,
  ].join(", ");

/** What steps are fed, and how many rows each has. */
export type Batches = Iterable<Batch> | AsyncIterable<Batch>;
export interface Batch {
  readonly feeds: Feeds;
  readonly rows: number;
}

export interface TrainOptions {
  readonly trainer: Trainer;
  /** The batches of an epoch, and how many rows each has; the same for the same epoch. */
  batches(epoch: number): Batches;
  readonly epochs: number;
  /** A metric on held-back data, after each epoch; undefined of one that is not to be kept. */
  readonly metric?: { readonly better: "high" | "low"; measure(): Promise<number | undefined> };
  /** Epochs without a better metric after which training stops. */
  readonly patience?: number;
  /** Seconds, for the readings alone. */
  readonly clock: () => number;
  progress(reading: Reading): void;
  /** Told after each epoch; what it keeps can be handed in as `resume`. */
  save?(state: LoopState): Promise<void>;
  readonly resume?: LoopState;
}

export interface Trained {
  /** Epochs done in all. */
  readonly epochs: number;
  /** The epoch whose state the trainer is left in, from 1, and its metric. */
  readonly kept: number;
  readonly metric: number | undefined;
}

/** Trains, and leaves the trainer in the state of the best epoch (the last one without a metric). */
export async function train(options: TrainOptions): Promise<Trained> {
  const { trainer, epochs, metric, patience = Number.POSITIVE_INFINITY, clock } = options;
  let { epoch, best } = options.resume ?? { epoch: 0, best: undefined };
  let kept = options.resume?.kept;
  if (options.resume) trainer.restore(options.resume.present);
  const guard = createExplosionGuard();
  const started = { at: clock(), epoch };
  while (epoch < epochs && epoch - (best?.epoch ?? epoch) < patience) {
    const from = clock();
    let [loss, rows] = [0, 0];
    for await (const batch of options.batches(epoch)) {
      const value = await trainer.step(batch.feeds);
      guard(trainer.updates(), value);
      loss += value * batch.rows;
      rows += batch.rows;
    }
    const seconds = clock() - from;
    epoch++;
    const reached = await metric?.measure();
    if (reached !== undefined && isBetter(reached, best?.metric, metric!.better)) {
      best = { epoch, metric: reached };
      kept = trainer.checkpoint();
    }
    options.progress({
      epoch,
      epochs,
      loss: loss / rows,
      metric: reached,
      samplesPerSecond: rows / seconds,
      secondsLeft: ((clock() - started.at) / (epoch - started.epoch)) * (epochs - epoch),
    });
    if (options.save) {
      const present = best?.epoch === epoch ? kept! : trainer.checkpoint();
      await options.save({ epoch, best, present, kept: kept ?? present });
    }
  }
  if (kept && best) trainer.restore(kept);
  return { epochs: epoch, kept: best?.epoch ?? epoch, metric: best?.metric };
}

function isBetter(value: number, best: number | undefined, better: "high" | "low"): boolean {
  if (Number.isNaN(value)) return false;
  return best === undefined || (better === "high" ? value > best : value < best);
}
