// Options of cleaning. A step that is left out does not run; the order of steps is fixed (see clean.ts).

import { z } from "zod";
import { parseTime } from "./time.ts";

const time = z.union([z.number(), z.string()]).transform((given, context) => {
  const seconds = parseTime(String(given));
  if (Number.isNaN(seconds)) {
    context.addIssue({
      code: "custom",
      message: `must be Unix seconds or an ISO 8601 date such as "2024-01-31", got ${JSON.stringify(given)}`,
    });
    return z.NEVER;
  }
  return seconds;
});
const count = z.number().int().min(1);

export const cleanOptions = z.strictObject({
  bots: z
    .strictObject({
      maxEvents: count.describe("A user with more events than this in one stretch is dropped whole."),
      per: z.enum(["hour", "day"]).default("day").describe("Length of the sliding stretch."),
    })
    .optional()
    .describe("Drop users who act faster than people do."),
  window: z
    .strictObject({
      from: time.optional().describe("Keep events at or after this time."),
      to: time.optional().describe("Keep events before this time."),
    })
    .optional()
    .describe("Keep the events of a stretch of time."),
  minValue: z.number().optional().describe("Keep events whose value (rating) is at least this."),
  duplicates: z
    .enum(["first", "last", "max"])
    .optional()
    .describe(
      "Which event of a repeated user-item pair stays: the first or last in time, or the one of largest value.",
    ),
  kCore: z
    .union([count.transform((n) => ({ user: n, item: n })), z.strictObject({ user: count, item: count })], {
      error: "must be a whole number from 1 or { user, item } with two of them",
    })
    .optional()
    .describe("Drop users and items with fewer events, again and again until none is left to drop."),
});

export type CleanOptions = z.output<typeof cleanOptions>;
