// Distribution functions and quantiles that tests and intervals need, from jstat. Against SciPy: quantiles to 1e-7,
// probabilities to 1e-5 absolute (Student's t at 1e5 degrees is the worst; from there on it is the normal).

import jstat from "jstat";

const { normal, studentt, chisquare, binomial } = jstat.jStat;

/** Degrees of freedom from which Student's t is taken as the normal: they differ by less than 1e-5. */
const MANY = 50_000;

/** P(Z ≤ z), standard normal. */
export const normalCdf = (z: number): number => normal.cdf(z, 0, 1);

/** The z with P(Z ≤ z) = p, standard normal, p in (0, 1). */
export const normalQuantile = (p: number): number => normal.inv(p, 0, 1);

/** P(T ≤ t) for Student's t with `degrees` > 0, not necessarily whole. */
export const tCdf = (t: number, degrees: number): number =>
  degrees > MANY ? normalCdf(t) : t > 0 ? 1 - studentt.cdf(-t, degrees) : studentt.cdf(t, degrees);

/** The t with P(T ≤ t) = p for Student's t with `degrees` > 0, p in (0, 1). */
export const tQuantile = (p: number, degrees: number): number =>
  degrees > MANY ? normalQuantile(p) : studentt.inv(p, degrees);

/** P(X ≥ x) for chi-squared with `degrees` ≥ 1, x ≥ 0. */
export const chiSquaredTail = (x: number, degrees: number): number => 1 - chisquare.cdf(x, degrees);

/** The two-sided exact sign test: the p-value of `wins` out of `n` where both sides are as likely; 1 where n is 0. */
export const signTest = (wins: number, n: number): number =>
  n === 0 ? 1 : Math.min(1, 2 * binomial.cdf(Math.min(wins, n - wins), n, 0.5));
