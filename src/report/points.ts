// What a chart of quality against cost draws: one point a model with its 95 % interval, the front that nothing is better
// than on both axes, and the ranges that the axes cover.

import { Z95 } from "./figures.ts";

/** A point below this share of the best score would press all others together, so it goes to the lower edge. */
const DRAWN = 0.7;

/** A model as a chart sees it. */
export interface Candidate {
  readonly name: string;
  readonly role: "teacher" | "student" | "variant" | "network";
  /** What it was made from. */
  readonly of?: string | undefined;
  /** Bytes or milliseconds: less is better. */
  readonly cost: number;
  readonly score: number;
  /** Standard error of the score; NaN or 0 where there is none. */
  readonly error: number;
  readonly pick: boolean;
  /** Whether it passes every gate; absent without gates. */
  readonly passes?: boolean | undefined;
}

export interface Point extends Candidate {
  /** Where it is drawn, and the ends of its interval; all three on the lower edge for a point below the chart. */
  readonly y: number;
  readonly low: number;
  readonly high: number;
  readonly below: boolean;
  readonly front: boolean;
  readonly label: string;
}

export interface Points {
  /** The pick first, then the teacher and the front: the order in which they are named. */
  readonly points: readonly Point[];
  readonly costs: readonly [number, number];
  /** The bottom of the chart and its top; the first is larger where less is better. */
  readonly scores: readonly [number, number];
}

/** The models that can be drawn: a positive cost, a finite score. */
export function placePoints(candidates: readonly Candidate[], better: "high" | "low"): Points {
  const drawable = candidates.filter(({ cost, score }) => Number.isFinite(score) && cost > 0 && Number.isFinite(cost));
  const sign = better === "high" ? 1 : -1;
  const best = Math.max(...drawable.map(({ score }) => sign * score));
  const floor = best > 0 ? DRAWN * best : best / DRAWN;
  const inside = drawable.filter(({ score }) => sign * score >= floor);
  const spread = ({ error }: Candidate) => Z95 * (error || 0);
  const range = pad(inside.flatMap((c) => [c.score - spread(c), c.score + spread(c)]));
  const scores: [number, number] = better === "high" ? range : [range[1], range[0]];
  const dominated = (a: Candidate) =>
    drawable.some(
      (b) =>
        b.cost <= a.cost && sign * b.score >= sign * a.score && (b.cost < a.cost || sign * b.score > sign * a.score),
    );
  const points = drawable.map((c): Point => {
    const below = sign * c.score < floor;
    const y = below ? scores[0] : c.score;
    const [low, high] = below ? [y, y] : [y - spread(c), y + spread(c)];
    const label = below ? `${c.name} ↓ ${c.score.toFixed(3)}` : c.name;
    return { ...c, y, low, high, below, front: !dominated(c), label };
  });
  const rank = (p: Point) => (p.pick ? 0 : p.role === "teacher" ? 1 : p.front ? 2 : 3);
  points.sort((a, b) => rank(a) - rank(b) || a.cost - b.cost);
  const costs = points.map((p) => p.cost);
  return { points, costs: [Math.min(...costs) / 1.9, Math.max(...costs) * 1.9], scores };
}

function pad(scores: readonly number[]): [number, number] {
  const [low, high] = [Math.min(...scores), Math.max(...scores)];
  const room = (high - low || Math.abs(high) || 1) * 0.12;
  return [low >= 0 ? Math.max(0, low - room) : low - room, high + room];
}

/** .001 … 1, 10, 100 … inside the range; 1-2-5 steps where there is room for them; at most `most`. */
export function logTicks([low, high]: readonly [number, number], most: number): number[] {
  const inside = (steps: number[]) =>
    Array.from({ length: 24 }, (_, e) => steps.map((s) => Number(`${s}e${e - 8}`)))
      .flat()
      .filter((t) => t >= low && t <= high);
  const fine = inside([1, 2, 5]);
  const ticks = fine.length <= most ? fine : inside([1]);
  const every = Math.ceil(ticks.length / most);
  return ticks.filter((_, i) => i % every === 0);
}

/** Decimals that tell neighbouring ticks apart; about six ticks lie in the range, 1, 2 or 5 × 10ⁿ from each other. */
export function scoreDigits([low, high]: readonly [number, number]): number {
  return Math.min(6, Math.max(0, -Math.floor(Math.log10((Math.abs(high - low) / 6) * Math.SQRT2))));
}
