// What the chart draws: one point a variant with its 95 % interval, and the ranges that the axes cover.

import { formatBytes } from "../base/format.ts";
import { headlineOf } from "./headline.ts";
import { mainMetric } from "./measures.ts";
import type { Results, Variant } from "./results.ts";

const Z95 = 1.96;
/** A point below this share of the best score would press all others together, so it goes to the lower edge. */
const DRAWN = 0.7;

export interface Point {
  readonly name: string;
  readonly role: Variant["role"];
  readonly of: string | undefined;
  readonly bytes: number;
  readonly score: number;
  /** Where it is drawn, and the ends of its interval; all three on the lower edge for a point below the chart. */
  readonly y: number;
  readonly low: number;
  readonly high: number;
  readonly below: boolean;
  readonly pick: boolean;
  readonly label: string;
}

export interface Points {
  readonly points: readonly Point[];
  readonly bytes: readonly [number, number];
  readonly scores: readonly [number, number];
}

/** The variants that can be drawn (a positive size, a finite score), the pick and the teacher first. */
export function pointsOf(results: Results): Points {
  const metric = mainMetric(results);
  const { pick } = headlineOf(results);
  const score = (v: Variant) => v.metrics[metric] ?? Number.NaN;
  const error = (v: Variant) => Z95 * (v.standardError[metric] || 0);
  const drawable = results.variants.filter((v) => Number.isFinite(score(v)) && v.cost.bytes.raw > 0);
  const floor = DRAWN * Math.max(...drawable.map(score));
  const inside = drawable.filter((v) => score(v) >= floor);
  const scores = pad(inside.flatMap((v) => [score(v) - error(v), score(v) + error(v)]));
  const points = drawable.map((v): Point => {
    const below = score(v) < floor;
    const y = below ? scores[0] : score(v);
    const [low, high] = below ? [y, y] : [y - error(v), y + error(v)];
    const label = below ? `${v.name} ↓ ${score(v).toFixed(3)}` : v.name;
    return {
      ...{ name: v.name, role: v.role, of: v.of, bytes: v.cost.bytes.raw, score: score(v) },
      ...{ y, low, high, below, pick: v === pick, label },
    };
  });
  const rank = (p: Point) => (p.pick ? 0 : p.role === "teacher" ? 1 : 2);
  points.sort((a, b) => rank(a) - rank(b) || a.bytes - b.bytes);
  const sizes = points.map((p) => p.bytes);
  return { points, bytes: [Math.min(...sizes) / 1.9, Math.max(...sizes) * 1.9], scores };
}

function pad(scores: readonly number[]): [number, number] {
  const [low, high] = [Math.min(...scores), Math.max(...scores)];
  const room = (high - low || Math.abs(high) || 1) * 0.12;
  return [low >= 0 ? Math.max(0, low - room) : low - room, high + room];
}

/** 1, 10, 100 … bytes inside the range; 1-2-5 steps where there is room for them; at most `most`. */
export function byteTicks([low, high]: readonly [number, number], most: number): number[] {
  const inside = (steps: number[]) =>
    Array.from({ length: 16 }, (_, e) => steps.map((s) => s * 10 ** e))
      .flat()
      .filter((t) => t >= low && t <= high);
  const fine = inside([1, 2, 5]);
  const ticks = fine.length <= most ? fine : inside([1]);
  const every = Math.ceil(ticks.length / most);
  return ticks.filter((_, i) => i % every === 0);
}

/** 100000 → "100 KB", without the decimals that round numbers do not need. */
export const tickBytes = (bytes: number): string => formatBytes(bytes).replace(/\.0+ /, " ");

/** Decimals that tell neighbouring ticks apart; about six ticks lie in the range, 1, 2 or 5 × 10ⁿ from each other. */
export function scoreDigits([low, high]: readonly [number, number]): number {
  return Math.min(6, Math.max(0, -Math.floor(Math.log10(((high - low) / 6) * Math.SQRT2))));
}
