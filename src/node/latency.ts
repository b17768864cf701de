// How long one request takes in this process: one at a time, after warm-up, query building and exclusion included.

import type { Kernels } from "../kernels/kernels.ts";
import type { Request } from "../pipeline/surroundings.ts";
import type { Recommender } from "../recommender/recommender.ts";
import { openScorer } from "../recommender/scorer.ts";

const warmUp = 30;
const atMost = 500;
const secondsAtMost = 1;

/** Median and 99th percentile, in milliseconds, over up to 500 of `requests` (fewer when they take over a second). */
export function measureLatency(
  kernels: Kernels,
  recommender: Recommender,
  requests: readonly Request[],
  k: number,
): { p50: number; p99: number } {
  const scorer = openScorer(kernels, recommender);
  try {
    const times: number[] = [];
    const ask = (i: number) => {
      const { query, exclude } = requests[i % requests.length]!;
      scorer.recommend(query, k, exclude);
    };
    for (let i = 0; i < warmUp; i++) ask(i);
    const end = performance.now() + secondsAtMost * 1000;
    for (let i = 0; i < atMost && (i < 100 || performance.now() < end); i++) {
      const start = performance.now();
      ask(i);
      times.push(performance.now() - start);
    }
    times.sort((a, b) => a - b);
    const at = (share: number) =>
      Number(times[Math.min(times.length - 1, Math.floor(share * times.length))]!.toPrecision(3));
    return { p50: at(0.5), p99: at(0.99) };
  } finally {
    scorer.free();
  }
}
