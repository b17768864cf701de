// What values of a graph are on average over rows.

import { must } from "../../../base/errors.ts";
import type { Graph } from "../../../graph/graph.ts";
import type { Runtime } from "../../../graph/runtime.ts";
import { elements, float32 } from "../../../graph/tensor.ts";
import type { Seen } from "../../../kinds/layer-pass.ts";
import { observer } from "../observe.ts";
import type { Feeds } from "./part.ts";
import type { Means } from "./without.ts";

/** Runs the graph over the feeds; `wanted` gives the dims of each value, 1 where it is averaged over. */
export async function meansOver(
  graph: Graph,
  wanted: ReadonlyMap<string, readonly number[]>,
  feeds: readonly Feeds[],
  runtime: Runtime,
): Promise<Means> {
  const sums = new Map(
    [...wanted].map(([name, dims]) => [name, { dims, sum: new Float64Array(elements(dims)), n: 0 }]),
  );
  const observe = observer({ batches: () => feeds }, runtime);
  await observe(graph, [...wanted.keys()], Number.POSITIVE_INFINITY, (batch) => {
    for (const [name, seen] of Object.entries(batch)) add(must(sums.get(name), name), seen);
  });
  return (value) => {
    const { dims, sum, n } = must(sums.get(value), value);
    return float32(
      dims,
      Float32Array.from(sum, (x) => x / Math.max(1, n)),
    );
  };
}

function add(
  into: { readonly dims: readonly number[]; readonly sum: Float64Array; n: number },
  { dims, data }: Seen,
): void {
  const index = dims.map(() => 0);
  for (const x of data) {
    let to = 0;
    for (const [axis, size] of into.dims.entries()) to = to * size + (size === 1 ? 0 : index[axis]!);
    into.sum[to]! += x;
    for (let k = dims.length - 1; k >= 0 && ++index[k]! === dims[k]; k--) index[k] = 0;
  }
  into.n += data.length / into.sum.length;
}
