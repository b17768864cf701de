// What each table and layer of a graph bears, as a table for people.

import { formatBytes, formatTable } from "../base/format.ts";
import type { Sensitivity } from "../pipeline/graphs/mixed-precision.ts";

/** For each number of bits the bytes, what the logits change by in shares of their deviation, and of AUC where labelled. */
export function sensitivityTable(sensitivity: readonly Sensitivity[]): string {
  const passes = [...new Set(sensitivity.flatMap(({ tried }) => tried.map(({ pass }) => pass)))];
  const rows = sensitivity.map(({ name, tried, kept }) => [
    name,
    ...passes.map((pass) => {
      const one = tried.find((option) => option.pass === pass);
      if (!one) return "";
      const drop = one.drop === undefined ? "" : `, ${one.drop.toFixed(5)}`;
      return pass === "f32" ? formatBytes(one.bytes) : `${formatBytes(one.bytes)}, ${percent(one.error)}${drop}`;
    }),
    kept,
  ]);
  return formatTable([["alone", ...passes, "kept"], ...rows]);
}

const percent = (error: number): string => `${Number((100 * Math.sqrt(error)).toPrecision(2))} %`;
