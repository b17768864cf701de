// How a cost grows with the batch: the line through its values at one row and at two, which is exact as long as rows do
// not meet.

import type { Graph } from "../../graph/graph.ts";
import { graphWork, type OpWork } from "../../graph/work.ts";
import type { Cost, Growth, OpCost, Traffic } from "../../report/cost-results.ts";

/** The line through both values. */
export const growth = (one: number, two: number): Growth => ({ fixed: 2 * one - two, perRow: two - one });

export const none: Growth = { fixed: 0, perRow: 0 };

export interface GraphGrowth extends Pick<Cost, "flops" | "macs"> {
  readonly ops: readonly OpCost[];
  readonly traffic: Traffic;
}

/** The work of a graph by its dimension `batch`, every other free one bound. */
export function graphGrowth(graph: Graph, batch: string, bind: Readonly<Record<string, number>> = {}): GraphGrowth {
  const one = graphWork(graph, { ...bind, [batch]: 1 });
  const two = graphWork(graph, { ...bind, [batch]: 2 });
  const sum = (of: (work: OpWork) => number): Growth => {
    const total = (all: readonly OpWork[]) => all.reduce((n, work) => n + of(work), 0);
    return growth(total(one), total(two));
  };
  const ops = one.map(({ op, nodes, bytes, flops }) => {
    const more = two.find((other) => other.op === op)?.flops ?? flops;
    return { op, nodes, bytes, flops: growth(flops, more) };
  });
  return {
    ops: ops.sort((a, b) => b.bytes - a.bytes || b.flops.perRow - a.flops.perRow),
    ...{ flops: sum(({ flops }) => flops), macs: sum(({ macs }) => macs) },
    traffic: {
      weights: sum(({ weights }) => weights),
      rows: sum(({ rows }) => rows),
      values: sum(({ values }) => values),
    },
  };
}
