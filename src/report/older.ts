// results.json as earlier releases wrote it, brought to today's shape: what was not measured then is absent or NaN, so
// that a report leaves it out.

import { UserError } from "../base/errors.ts";
import type { ClickResults, NetworkResult } from "./clicks/results.ts";
import type { Cost, Latency, Weight } from "./cost-results.ts";
import type { Results, Variant } from "./results.ts";

interface Percentiles {
  readonly p50: number;
  readonly p99: number;
}

/** What release 0.1 said of a variant's cost. */
interface FirstVariant {
  readonly bytes: Weight;
  readonly onnxBytes: number;
  readonly historyBytes: number;
  readonly parameters: number;
  readonly flopsPerRequest: number;
  readonly latencyMs: Percentiles;
}

/** What release 0.1 said of a network's. */
interface FirstNetwork {
  readonly bytes: Weight;
  readonly parameters: Cost["parameters"];
  readonly flopsPerRow: number;
  readonly latencyMs: { readonly one: Percentiles; readonly many: Percentiles };
}

type Older<T, First> = Omit<T, "cost"> & Partial<T & First>;

/** The results of a run of recommenders, of this release or an earlier one; a UserError where they are neither. */
export const todaysResults = (results: Results): Results => ({
  ...results,
  variants: results.variants.map((v: Older<Variant, FirstVariant>) => ({
    ...checked(v, "variants"),
    slices: v.slices ?? [],
    cost: v.cost ?? variantCost(v as FirstVariant),
  })),
});

/** The same of a run of networks. */
export const todaysClickResults = (results: ClickResults): ClickResults => ({
  ...{ threshold: 0.5, units: "rows" },
  ...results,
  networks: results.networks.map((n: Older<NetworkResult, FirstNetwork>) => ({
    ...{ slices: [], slicesLeftOut: {}, calibration: [], leftOut: {}, notDefined: {} },
    ...checked(n, "networks"),
    cost: n.cost ?? networkCost(n as FirstNetwork),
  })),
});

/** What every release wrote. */
function checked<T extends object>(one: T, list: string): T {
  const { name, metrics, standardError, cost, bytes } = one as Record<string, unknown>;
  const isObject = (value: unknown) => typeof value === "object" && value !== null;
  if (typeof name === "string" && isObject(metrics) && isObject(standardError) && (isObject(cost) || isObject(bytes)))
    return one;
  throw new UserError(`${list}: one of them has no name, no metrics or no size; run the recipe again.`);
}

const grows = (perRow: number) => ({ fixed: 0, perRow });
const unknown = grows(Number.NaN);
const notMeasured = { found: "measured", how: "not measured by the release that wrote this" } as const;

const timed = (batch: number, { p50, p99 }: Percentiles): Latency => ({
  ...{ runtime: "node", batch, p50, p95: Number.NaN, p99 },
  ...{ perSecond: Number.NaN, runs: Number.NaN, others: Number.NaN },
});

const firstCost = (known: Pick<Cost, "bytes" | "files" | "parameters" | "flops" | "latency">): Cost => ({
  ...{ ...known, tables: [], ops: [], macs: unknown, missing: [] },
  traffic: { weights: unknown, rows: unknown, values: unknown },
  memory: { answering: { bytes: Number.NaN, ...notMeasured } },
  energy: { joulesPerThousand: Number.NaN, ...notMeasured },
});

function variantCost({ bytes, onnxBytes, historyBytes, parameters, flopsPerRequest, latencyMs }: FirstVariant): Cost {
  const apart = (path: string, raw: number) => ({ path, load: false, raw, gzip: Number.NaN, brotli: Number.NaN });
  return firstCost({
    bytes,
    files: [apart("model.onnx", onnxBytes), apart("histories", historyBytes)],
    ...{ parameters: { tables: parameters, weights: 0 }, flops: grows(flopsPerRequest) },
    latency: [timed(1, latencyMs)],
  });
}

const networkCost = ({ bytes, parameters, flopsPerRow, latencyMs }: FirstNetwork): Cost =>
  firstCost({
    ...{ bytes, files: [], parameters, flops: grows(flopsPerRow) },
    latency: [timed(1, latencyMs.one), timed(256, latencyMs.many)],
  });
