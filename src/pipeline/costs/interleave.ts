// Times several contenders by turns. Each round gives every one a block of runs, beginning with another one each time, so
// that whatever the machine does meanwhile (heat, other processes) hits all of them alike.

import { percentile } from "../../base/percentile.ts";
import type { Latency } from "../../report/cost-results.ts";

/** Instruments; only differences of their readings mean anything. */
export interface Meter {
  /** Seconds. */
  clock(): number;
  /** Seconds of cores that other processes have taken. */
  elsewhere(): number;
  /** Joules that the processor packages have taken; absent where they do not say. */
  joules?(): number;
}

/** Answers one batch; a promise is waited for. */
export type Contender = () => unknown;

export interface Timed extends Pick<Latency, "p50" | "p95" | "p99" | "runs" | "others"> {
  /** Seconds a run, on average. */
  readonly mean: number;
  /** Joules a run, of everything that the packages did meanwhile. */
  readonly joules?: number;
}

export interface Plan {
  readonly rounds: number;
  /** Timed runs of a contender, at most. */
  readonly runs: number;
  /** Seconds of a contender's timed runs, at most; every round has one run at least. */
  readonly seconds: number;
}

/** Runs before the first that counts; before each block there is one more, which brings caches back. */
const warmUp = { runs: 20, seconds: 0.1 };

/** Milliseconds of single runs of each contender, in order. */
export async function interleave(contenders: readonly Contender[], meter: Meter, plan: Plan): Promise<Timed[]> {
  const { clock, joules } = meter;
  for (const contender of contenders) {
    const end = clock() + warmUp.seconds;
    for (let i = 0; i < warmUp.runs && (i < 2 || clock() < end); i++) await contender();
  }
  const found = contenders.map(() => ({ times: [] as number[], joules: 0 }));
  const before = { clock: clock(), elsewhere: meter.elsewhere() };
  for (let round = 0; round < plan.rounds; round++) {
    for (let turn = 0; turn < contenders.length; turn++) {
      const at = (turn + round) % contenders.length;
      const [contender, mine] = [contenders[at]!, found[at]!];
      await contender();
      const quota = Math.ceil((plan.runs * (round + 1)) / plan.rounds) - mine.times.length;
      const taken = joules?.() ?? 0;
      const end = clock() + plan.seconds / plan.rounds;
      for (let run = 0; run < quota && (run === 0 || clock() < end); run++) {
        const start = clock();
        const answer = contender();
        if (answer instanceof Promise) await answer;
        mine.times.push(clock() - start);
      }
      mine.joules += (joules?.() ?? 0) - taken;
    }
  }
  const others = Math.max(0, (meter.elsewhere() - before.elsewhere) / (clock() - before.clock));
  return found.map(({ times, joules: taken }) => {
    const sorted = times.toSorted((a, b) => a - b);
    const at = (share: number) => Number((1000 * percentile(sorted, share)).toPrecision(3));
    return {
      ...{ p50: at(0.5), p95: at(0.95), p99: at(0.99), runs: times.length },
      ...{ mean: times.reduce((sum, t) => sum + t, 0) / times.length, others: Number(others.toFixed(2)) },
      ...(joules && { joules: taken / times.length }),
    };
  });
}

/** As the results show it. */
export const latencyOf = (runtime: Latency["runtime"], batch: number, timed: Timed): Latency => {
  const { mean, joules: _, ...figures } = timed;
  return { runtime, batch, ...figures, perSecond: Number((batch / mean).toPrecision(3)) };
};

/** Consecutive groups whose sizes stay below `most` together; one that is larger is alone. */
export function groupsWithin<T>(all: readonly T[], sizeOf: (one: T) => number, most: number): T[][] {
  const groups: T[][] = [];
  let left = 0;
  for (const one of all) {
    const size = sizeOf(one);
    if (groups.length === 0 || size > left) {
      groups.push([]);
      left = most;
    }
    groups.at(-1)!.push(one);
    left -= size;
  }
  return groups;
}
