// The logistic function and the logarithm that goes with it.

/** σ(x) = 1 / (1 + e^-x). */
export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** ln(1 + e^x) = -ln σ(-x), without overflow. */
export const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
