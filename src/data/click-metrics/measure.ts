// All that is said of scored rows: named metrics, their errors, what they leave out and which of them have no value here.
// Rows that no metric may see, such as a score that is NaN, stop with the row.

import { UserError } from "../../base/errors.ts";
import { type ClickMetricName, clickMetrics } from "./index.ts";
import { type ClickMetricOptions, type Scored, usualThreshold } from "./metric.ts";
import { standardError } from "./standard-error.ts";

export interface ClickQuality {
  /** Those that are defined on these rows. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Over users where they are known, over rows where not; absent where there are too few. */
  readonly standardError: Readonly<Record<string, number>>;
  /** "users with one class" → how many a metric had to leave out. */
  readonly leftOut: Readonly<Record<string, number>>;
  /** Metrics without a value → what they need. */
  readonly notDefined: Readonly<Record<string, string>>;
}

/** The metrics named over the rows, which must be sound: see `checkScored`. */
export function measureClicks(
  rows: Scored,
  names: readonly ClickMetricName[],
  options: ClickMetricOptions = { threshold: usualThreshold },
): ClickQuality {
  checkScored(rows);
  const metrics: Record<string, number> = {};
  const errors: Record<string, number> = {};
  const leftOut: Record<string, number> = {};
  const notDefined: Record<string, string> = {};
  for (const name of names) {
    const { value, rows: psi, leftOut: left } = clickMetrics[name].influence(rows, options);
    if (Number.isFinite(value)) {
      metrics[name] = value;
      const error = standardError(psi, rows.group);
      if (Number.isFinite(error)) errors[name] = error;
    } else notDefined[name] = clickMetrics[name].needs;
    Object.assign(leftOut, left);
  }
  return { metrics, standardError: errors, leftOut, notDefined };
}

/** One score a label, labels of 0 and 1, scores that are probabilities; else a UserError that names the row. */
export function checkScored({ label, score, group }: Scored): void {
  if (score.length !== label.length || (group && group.length !== label.length))
    throw new UserError(
      `${label.length} labels have ${score.length} scores${group ? ` and ${group.length} users` : ""}; give one of each a row.`,
    );
  for (let r = 0; r < label.length; r++) {
    const [y, p] = [label[r]!, score[r]!];
    if (y !== 0 && y !== 1) throw new UserError(`row ${r + 1}: the label must be 0 or 1, got ${y}; correct it.`);
    if (!(p >= 0 && p <= 1))
      throw new UserError(
        `row ${r + 1}: the score must be a probability, 0 to 1, got ${p}; ${Number.isNaN(p) ? "leave the row out or mend the model" : "give probabilities, not logits"}.`,
      );
  }
}
