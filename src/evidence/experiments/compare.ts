// Variants of an experiment against its control, measure by measure: differences with intervals, in the measure's own
// unit and relative to the control. What cannot be told is refused with a reason.

import { suggest, UserError } from "../../base/errors.ts";
import { type Interval, tInterval } from "../../stats/interval.ts";
import { type Sample, welch } from "../../stats/welch.ts";
import type { Excluded } from "../checked-rows.ts";
import { type Measure, samplesOf } from "./measure.ts";
import { type Mismatch, mismatch } from "./mismatch.ts";
import { type AlwaysValid, alwaysValid } from "./sequential.ts";
import type { Units } from "./units.ts";

/** Fewer users than this make a t-interval depend on the shape of the data. */
const FEWEST = 30;

export interface CompareOptions {
  readonly level: number;
  /** The variant to compare with; the first by name if left out. */
  readonly control?: string | undefined;
  /** Planned share of users, by variant; equal ones if left out. */
  readonly planned?: Readonly<Record<string, number>> | undefined;
  /** Expected difference, by measure, where it is to be looked at before its end. */
  readonly expected?: Readonly<Record<string, number>> | undefined;
}

export interface Difference {
  readonly variant: string;
  /** Variant less control; absent, with all else, where `refused` says why. */
  readonly difference?: number;
  readonly interval?: Interval;
  readonly p?: number;
  /** The difference as a share of the control's mean. */
  readonly relative?: number;
  readonly relativeInterval?: Interval;
  /** Valid however often one looks. */
  readonly anytime?: AlwaysValid;
  readonly refused?: string;
}

export interface Compared {
  readonly measure: string;
  readonly note?: string;
  readonly variants: readonly {
    readonly variant: string;
    readonly users: number;
    readonly mean?: number;
    readonly interval?: Interval;
  }[];
  readonly differences: readonly Difference[];
  /** By which share the figures from before have made the variance smaller. */
  readonly varianceRemoved?: number;
}

export interface Comparison {
  readonly control: string;
  readonly level: number;
  readonly users: Readonly<Record<string, number>>;
  readonly mismatch: Mismatch;
  readonly excluded: readonly Excluded[];
  readonly measures: readonly Compared[];
}

/** Compares every measure of the units between variants. */
export function compareVariants(units: Units, measures: readonly Measure[], options: CompareOptions): Comparison {
  const { variants, variant } = units;
  const { level, expected = {} } = options;
  const control = options.control ?? variants[0]!;
  if (!variants.includes(control))
    throw new UserError(`control: there is no variant "${control}". ${suggest(control, variants)}`);
  for (const name of Object.keys(expected)) {
    const known = measures.map((m) => m.name);
    if (!known.includes(name))
      throw new UserError(`expected difference: there is no measure "${name}". ${suggest(name, known)}`);
  }
  const counts = variants.map((_, v) => variant.filter((x) => x === v).length);
  const divided = mismatch(counts, sharesOf(variants, options.planned), `the users of ${variants.join(" : ")} are`);
  return {
    ...{ control, level, mismatch: divided, excluded: units.excluded },
    users: Object.fromEntries(variants.map((name, v) => [name, counts[v]!])),
    measures: measures.map((measure) => compareOne(measure, units, control, divided.refused, options)),
  };
}

/** Planned shares in the order of the variants. */
function sharesOf(variants: readonly string[], planned?: Readonly<Record<string, number>>): number[] {
  if (!planned) return variants.map(() => 1 / variants.length);
  const odd = Object.keys(planned).find((name) => !variants.includes(name));
  if (odd !== undefined) throw new UserError(`planned shares: there is no variant "${odd}". ${suggest(odd, variants)}`);
  const shares = variants.map((name) => planned[name] ?? 0);
  const total = shares.reduce((sum, share) => sum + share, 0);
  if (shares.every((share) => share > 0) && Math.abs(total - 1) < 1e-6) return shares;
  throw new UserError(
    `planned shares: they must be above 0 for ${variants.join(", ")} and add up to 1, got ${shares.join(", ")}.`,
  );
}

function compareOne(
  measure: Measure,
  units: Units,
  control: string,
  stopped: string | undefined,
  options: CompareOptions,
): Compared {
  const { variants, variant } = units;
  const { level, expected } = options;
  const samples = samplesOf(measure, variant, variants.length);
  const base = samples[variants.indexOf(control)]!;
  const { before, beneath, ...plain } = measure;
  const wide = before && !beneath ? samplesOf(plain, variant, variants.length) : undefined;
  const spread = (of: readonly Sample[]) => of.reduce((sum, { n, variance }) => sum + (n < 2 ? 0 : variance / n), 0);
  return {
    measure: measure.name,
    ...(measure.note !== undefined && { note: measure.note }),
    variants: samples.map(({ n, mean, variance }, v) => ({
      ...{ variant: variants[v]!, users: n },
      ...(!Number.isNaN(mean) && { mean }),
      ...(n >= FEWEST && !Number.isNaN(mean) && { interval: tInterval(mean, Math.sqrt(variance / n), n - 1, level) }),
    })),
    differences: variants.flatMap((name, v) => {
      if (name === control) return [];
      const refused = stopped ?? refusal(samples[v]!, name) ?? refusal(base, control);
      if (refused !== undefined) return [{ variant: name, refused }];
      return [{ variant: name, ...differenceOf(samples[v]!, base, level, expected?.[measure.name]) }];
    }),
    ...(wide && { varianceRemoved: 1 - spread(samples) / spread(wide) }),
  };
}

function refusal({ n, mean }: Sample, name: string): string | undefined {
  if (n < FEWEST) return `${name} has ${n} users with a value; at least ${FEWEST} are needed.`;
  return Number.isNaN(mean) ? `${name} has nothing to divide by.` : undefined;
}

function differenceOf(a: Sample, b: Sample, level: number, expected?: number): Omit<Difference, "variant"> {
  const { difference, interval, p, standardError } = welch(a, b, level);
  // a/b - 1 by the delta method
  const relativeError = Math.sqrt(a.variance / a.n / b.mean ** 2 + (a.mean ** 2 * b.variance) / b.n / b.mean ** 4);
  const relative = difference / b.mean;
  return {
    ...{ difference, interval, p },
    ...(b.mean > 0 && { relative, relativeInterval: tInterval(relative, relativeError, a.n + b.n - 2, level) }),
    ...(expected !== undefined && { anytime: alwaysValid(difference, standardError ** 2, expected, level) }),
  };
}
