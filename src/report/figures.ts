// Figures as people read them in every part of a report.

import { formatCount } from "../base/format.ts";

/** 1.96 standard errors on either side of an estimate hold the truth 19 times in 20. */
export const Z95 = 1.96;

/** 0.00412 → "0.412 %", 1.002 → "100.2 %": one digit after the point, or three that count for a small share. */
export function formatShare(share: number): string {
  if (!Number.isFinite(share)) return "–";
  const percent = share * 100;
  const size = Math.abs(percent);
  const digits = percent === 0 || size >= 1 ? 1 : Math.min(6, 1 - Math.floor(Math.log10(size)));
  return `${percent.toFixed(digits)} %`;
}

/** A change of a share, signed: "+0.2 %", "−3.1 %". */
export function formatChange(share: number): string {
  if (!Number.isFinite(share)) return "–";
  return signed((100 * share).toFixed(Math.abs(share) < 0.0995 ? 1 : 0), " %");
}

/** A difference with its sign, four digits after the point where it is small: "+0.0004", "−12.10". */
export const formatDifference = (value: number): string =>
  Number.isFinite(value) ? signed(value.toFixed(Math.abs(value) < 10 ? 4 : 2)) : "–";

/** "a to b", each end as `show` writes it; a dash where there is no interval. */
export const formatInterval = (interval: readonly [number, number] | undefined, show: (x: number) => string): string =>
  interval ? `${show(interval[0])} to ${show(interval[1])}` : "–";

// With the minus of typographers; what rounds to nought has no sign.
function signed(digits: string, unit = ""): string {
  if (Number(digits) === 0) return `${digits.replace("-", "")}${unit}`;
  return `${digits.startsWith("-") ? `−${digits.slice(1)}` : `+${digits}`}${unit}`;
}

/** A sentence in which no line may end between a number and its unit. */
export const glued = (text: string): string =>
  text.replace(/(\d) (?=(?:%|[KMGT]?B|ms|[mµ]?J)(?![\p{L}\d]))/gu, "$1\u00a0");

/** 0.0421 → "0.042 ms", 12.34 → "12.3 ms"; a dash for what was not measured. */
export function formatMilliseconds(ms: number): string {
  if (!Number.isFinite(ms)) return "–";
  return `${ms.toFixed(ms < 1 ? 3 : ms < 10 ? 2 : 1)} ms`;
}

/** 12345678 → "12.3 M". */
export function formatLarge(n: number): string {
  const units: [number, string][] = [
    [1e12, "T"],
    [1e9, "G"],
    [1e6, "M"],
    [1e4, "k"],
  ];
  const unit = units.find(([size]) => n >= size);
  if (!unit) return formatCount(n);
  const value = n / (unit[0] === 1e4 ? 1e3 : unit[0]);
  return `${value.toFixed(value < 100 ? 1 : 0)} ${unit[1]}`;
}

/** "1 gate", "3 gates". */
export const counted = (n: number, one: string, many: string = `${one}s`): string =>
  `${formatCount(n)} ${n === 1 ? one : many}`;

/** "a", "a and b", "a, b and c". */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
