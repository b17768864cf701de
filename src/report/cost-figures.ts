// Single figures out of a cost, as tables and sentences show them; NaN where there is none.

import { onnxPath } from "../artifact/paths.ts";
import type { Cost, Growth, Latency } from "./cost-results.ts";

/** Time of a batch of this size. */
export const latencyAt = (
  { latency }: Cost,
  batch: number = 1,
  runtime: Latency["runtime"] = "node",
): Pick<Latency, "p50" | "p95" | "p99" | "perSecond"> =>
  latency.find((one) => one.runtime === runtime && one.batch === batch) ?? {
    ...{ p50: Number.NaN, p95: Number.NaN, p99: Number.NaN, perSecond: Number.NaN },
  };

/** What one request or row costs when it is answered alone. */
export const alone = ({ fixed, perRow }: Growth): number => fixed + perRow;

/** All numbers that are held. */
export const allParameters = ({ parameters }: Cost): number => parameters.tables + parameters.weights;

/** Bytes of the ONNX export that a recommender's artifact keeps beside what it loads. */
export const exportBytes = ({ files }: Cost): number =>
  files.find(({ path, load }) => path === onnxPath && !load)?.raw ?? Number.NaN;

/** Bytes of what a server may keep to answer users by name: histories and the names that only they need. */
export const historyBytes = ({ files }: Cost): number =>
  files.filter(({ path, load }) => path !== onnxPath && !load).reduce((sum, { raw }) => sum + raw, 0);
