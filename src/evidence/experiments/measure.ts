// What is compared between variants, one number a user, as samples that a test can take.

import { type Sample, sampleOf } from "../../stats/welch.ts";

/** NaN leaves a user out. */
export interface Measure {
  readonly name: string;
  /** What it is, where the name does not say it: "proxy", or how it was made. */
  readonly note?: string;
  readonly value: Float64Array;
  /** Beneath `value`: the measure is Σ value / Σ beneath, such as clicks per impression. */
  readonly beneath?: Float64Array;
  /** The same user's figure from before the experiment, which takes out what the users brought with them. */
  readonly before?: Float64Array;
}

/** The sample of each variant; `variant` is -1 for users who count nowhere. */
export function samplesOf(measure: Measure, variant: Int32Array, variants: number): Sample[] {
  const of = (values: Float64Array) =>
    Array.from({ length: variants }, (_, v) => sampleOf(values.filter((_x, u) => variant[u] === v)));
  const { value, beneath, before } = measure;
  if (beneath) return Array.from({ length: variants }, (_, v) => ratioSample(value, beneath, (u) => variant[u] === v));
  return before ? of(adjusted(value, before, variant, variants)) : of(value);
}

// Delta method: Σy/Σx is to first order the mean of  z = r + (y - r x) / mean(x),  r = Σy/Σx, users being the units.
function ratioSample(value: Float64Array, beneath: Float64Array, has: (user: number) => boolean): Sample {
  const users = Array.from(value.keys()).filter((u) => has(u) && !Number.isNaN(value[u]) && !Number.isNaN(beneath[u]));
  const [top, bottom] = users.reduce(([y, x], u) => [y + value[u]!, x + beneath[u]!], [0, 0]);
  if (bottom === 0) return { n: users.length, mean: Number.NaN, variance: Number.NaN };
  const r = top / bottom;
  const each = bottom / users.length;
  const { variance } = sampleOf(users.map((u) => (value[u]! - r * beneath[u]!) / each));
  return { n: users.length, mean: r, variance };
}

/**
 * CUPED (Deng, Xu, Kohavi & Walker, WSDM 2013): y - θ (x - mean x), θ = cov(y, x) / var(x) within variants. A user
 * without a figure from before gets the mean, which leaves the estimate unbiased.
 */
export function adjusted(
  value: Float64Array,
  before: Float64Array,
  variant: Int32Array,
  variants: number,
): Float64Array {
  const counts = (u: number) => variant[u]! >= 0 && !Number.isNaN(value[u]) && !Number.isNaN(before[u]);
  const users = Array.from(value.keys()).filter(counts);
  const centre = users.reduce((sum, u) => sum + before[u]!, 0) / users.length;
  let [cov, spread] = [0, 0];
  for (let v = 0; v < variants; v++) {
    const here = users.filter((u) => variant[u] === v);
    const y = here.reduce((sum, u) => sum + value[u]!, 0) / here.length;
    const x = here.reduce((sum, u) => sum + before[u]!, 0) / here.length;
    for (const u of here) {
      cov += (value[u]! - y) * (before[u]! - x);
      spread += (before[u]! - x) ** 2;
    }
  }
  const theta = spread === 0 ? 0 : cov / spread;
  return value.map((y, u) => (Number.isNaN(before[u]) ? y : y - theta * (before[u]! - centre)));
}
