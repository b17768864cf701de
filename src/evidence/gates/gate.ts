// A gate: what a variant must satisfy, as a recipe writes it and as it is judged. Either a quality may drop by no more than
// a margin against the teacher, or a figure has a limit:
//
//   { metric: "ndcg@20", maxDrop: 1%, type: relative, slice: tail, test: t, alpha: 0.05 }
//   { bytes: "≤ 200 KB" }      { "overlap@10": "≥ 0.6", slice: cold }

import { z } from "zod";
import { suggest, UserError } from "../../base/errors.ts";
import { parseOptions } from "../../kinds/options.ts";
import { parseBound, type Unit } from "./quantity.ts";

interface Testing {
  readonly slice?: string;
  readonly test: "t" | "bootstrap";
  /** How often a variant that is at the margin may pass. */
  readonly alpha: number;
}

export interface DropGate extends Testing {
  readonly kind: "drop";
  readonly metric: string;
  readonly maxDrop: number;
  readonly type: "relative" | "absolute";
  /** Whose quality it may not fall behind; the teacher's without it. */
  readonly against?: string;
}

export interface LimitGate extends Testing {
  readonly kind: "limit";
  /** A metric or a measure of fidelity or of cost. */
  readonly of: string;
  readonly side: "most" | "least";
  readonly limit: number;
}

export type Gate = DropGate | LimitGate;

/** What a gate may be about: units of costs, and the usual side of limits on metrics and measures of fidelity. */
export interface Gateable {
  readonly costs: Readonly<Record<string, Unit>>;
  readonly figures: Readonly<Record<string, "most" | "least">>;
  /** Figures that a drop is tested for: those with one value a user or a row. */
  readonly paired: readonly string[];
  /** Models that a gate may name as `against`; none where there is a teacher. */
  readonly models: readonly string[];
}

/** One entry of a recipe's `gates`; `parseGate` says what it means. */
export type GateEntry = Readonly<Record<string, string | number>>;
export const gateEntry: z.ZodType<GateEntry, GateEntry> = z.record(z.string(), z.union([z.string(), z.number()]));

const testing = {
  slice: z.string().min(1).optional(),
  test: z.enum(["t", "bootstrap"]).default("t"),
  alpha: z.number().gt(0).max(0.5).default(0.05),
};
const dropOptions = z.strictObject({
  ...{ metric: z.string(), maxDrop: z.union([z.string(), z.number()]) },
  ...{ type: z.enum(["relative", "absolute"]).optional(), against: z.string().optional(), ...testing },
});
const testingOptions = z.strictObject(testing);

/** The gate that an entry means; anything wrong with it is a UserError that begins with `where`. */
export function parseGate(entry: GateEntry, about: Gateable, where: string): Gate {
  return "metric" in entry || "maxDrop" in entry ? parseDrop(entry, about, where) : parseLimit(entry, about, where);
}

function parseDrop(entry: GateEntry, { figures, paired, models }: Gateable, where: string): DropGate {
  if (entry["maxDrop"] === undefined)
    throw new UserError(`${where}: maxDrop is missing; give the drop at most, such as maxDrop: 1%.`);
  const { metric, maxDrop, type: asked, slice, against, ...rest } = parseOptions(dropOptions, entry, where);
  if (!paired.includes(metric)) {
    const why = metric in figures ? `${metric} has no values of users to test` : `there is no metric "${metric}" here`;
    throw new UserError(
      `${where}: ${why}. ${metric in figures ? `Give it a limit instead.` : suggest(metric, paired)}`,
    );
  }
  const { value, side, percent } = parseBound(maxDrop, "number", "most", `${where}.maxDrop`);
  const type = asked ?? (percent ? "relative" : "absolute");
  if (side === "least" || value < 0)
    throw new UserError(`${where}.maxDrop: it is the drop at most, 0 or more, got ${maxDrop}.`);
  if (percent && type === "absolute")
    throw new UserError(`${where}.maxDrop: an absolute drop is a plain number, such as 0.002, got ${maxDrop}.`);
  if (type === "relative" && value >= 1)
    throw new UserError(`${where}.maxDrop: a relative drop is below 1 (100 %), got ${maxDrop}; 1 % is 0.01 or "1%".`);
  if (against !== undefined && !models.includes(against)) {
    const why = models.length > 0 ? suggest(against, models) : "Gates of recommenders are against the teacher.";
    throw new UserError(`${where}.against: there is no "${against}" to compare with. ${why}`);
  }
  const optional = { ...(slice !== undefined && { slice }), ...(against !== undefined && { against }) };
  return { kind: "drop", metric, maxDrop: value, type, ...optional, ...rest };
}

function parseLimit(entry: GateEntry, { costs, figures }: Gateable, where: string): LimitGate {
  const { slice, test, alpha, ...limits } = entry;
  const names = Object.keys(limits);
  const [of] = names;
  if (of === undefined || names.length > 1)
    throw new UserError(
      `${where}: a gate is about one thing, got ${names.join(" and ") || "none"}; make it two gates.`,
    );
  const known = [...Object.keys(costs), ...Object.keys(figures)];
  if (!known.includes(of)) throw new UserError(`${where}: there is no "${of}" here to limit. ${suggest(of, known)}`);
  const settings = { slice, test, alpha };
  const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
  if (of in costs && Object.keys(given).length > 0)
    throw new UserError(
      `${where}: ${of} is read off, not tested over users; leave out ${Object.keys(given).join(", ")}.`,
    );
  const { slice: part, ...rest } = parseOptions(testingOptions, given, where);
  const { side, value } = parseBound(limits[of]!, costs[of] ?? "number", figures[of] ?? "most", `${where}.${of}`);
  return { kind: "limit", of, side, limit: value, ...(part !== undefined && { slice: part }), ...rest };
}
