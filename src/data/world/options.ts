// What a world can be asked to be.

export interface WorldOptions {
  readonly users: number;
  readonly items: number;
  /** How many clicks to aim at in all. */
  readonly clicks: number;
  readonly categories: number;
  /** The length of the log in days. */
  readonly days: number;
  /** How far tastes move over the whole log, in units of a taste's length. */
  readonly drift: number;
  /** Zipf exponent of popularity: weight ∝ rank^-skew. */
  readonly skew: number;
  /** Share of exposures drawn uniformly from the catalogue. */
  readonly explore: number;
}

/** Length of a taste. */
export const dims = 16;
