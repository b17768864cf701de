// Quality against true bytes: what the cases that chart it have in common.

import { resolve } from "node:path";
import type { Variant } from "../src/report/results.ts";
import type { Figures } from "./case.ts";
import { round } from "./spread.ts";

/** Where the run of the case `name` stays, with its report; a case that was killed goes on there. */
export const curveFolder = (name: string): string => resolve("runs", name);

/** Rows of `of` in 8 and in 4 bits. */
export const inBytes = (of: string) => packed(of, { int8: [{ use: "int8-row" }], int4: [{ use: "int4-row" }] });

/** Rows of `of` turned and in 2 bits and in 1. */
export const inBits = (of: string) => packed(of, { "2-bit": levels(4), "1-bit": levels(2) });

const levels = (count: number) => [{ use: "rotate" }, { use: "levels-row", levels: count }];

const packed = (of: string, chains: Readonly<Record<string, readonly object[]>>) =>
  Object.entries(chains).map(([name, passes]) => ({ name: `${of}-${name}`, of, passes }));

/** What every variant reaches and weighs. */
export const curveFigures = (variants: readonly Variant[], metric: string): Figures =>
  Object.fromEntries(
    variants.flatMap(({ name, metrics, cost }) => [
      [`${name} ${metric}`, round(metrics[metric]!)],
      [`${name} MB`, Math.round(cost.bytes.raw / 1e4) / 100],
    ]),
  );
