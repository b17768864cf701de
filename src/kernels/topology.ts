// How nodes lie to each other, by a student and by its teacher: cosines of pairs within groups and of groups' centres to
// nodes.

import { checkLength } from "./check.ts";
import type { Kernels } from "./kernels.ts";
import type { Scope } from "./memory.ts";
import { checkPlaced, type GroupedNodes, type PlacedNodes, sharedLists } from "./nodes.ts";
import { checkIds, rowCount } from "./rows.ts";

export interface Topology {
  /** Adds the gradient of scale · L by the student's rows, returns that, up to what no student changes. */
  step(grouped: GroupedNodes, scale: number): Promise<number>;
}

/**
 * L = Σ_groups ‖T_g T_gᵀ - S_g S_gᵀ‖²; with `centres` also ‖P Tᵀ - Q Sᵀ‖²: rows of T and S are the nodes' of length 1,
 * of P and Q the sums of groups' rows, of length 1, and Q has no gradient.
 */
export function openTopology(
  k: Kernels,
  scope: Scope,
  placed: PlacedNodes,
  groups: number,
  centres: boolean,
): Topology {
  const { table, gradient, d, teacher, width } = placed;
  checkPlaced(placed);
  const lists = scope.i32(groups);
  const losses = scope.f64(groups);
  const bytes = k.exports["topologyScratch"]!(d, width, groups);
  const rooms: Uint8Array[] = [];
  const columns = Math.ceil(d / 8) * 8;
  const [theirs, own, norms] = [scope.f32(groups * width), scope.f32(groups * columns), scope.f32(groups)];
  const [across, within] = [scope.f32(width * columns), scope.f32(columns * columns)];
  return {
    async step({ nodes, first }, scale) {
      checkIds(k, "nodes", nodes, rowCount("table", table, d));
      checkLength("first", first, groups + 1);
      const shared = sharedLists(k, { nodes, first }, 8);
      while (rooms.length < shared.length) rooms.push(scope.u8(bytes));
      if (centres) {
        k.exports["groupCentres"]!(
          ...[groups, first.byteOffset, nodes.byteOffset, table.byteOffset, d, teacher.byteOffset, width],
          ...[theirs, own, norms, across, within, rooms[0]!].map((array) => array.byteOffset),
        );
      }
      let at = 0;
      const calls = shared.map((list, i) => {
        lists.set(list, at);
        const from = lists.byteOffset + 4 * at;
        at += list.length;
        return [
          ...[from, list.length, first.byteOffset, nodes.byteOffset, table.byteOffset, gradient.byteOffset, d],
          ...[teacher.byteOffset, width, centres ? across.byteOffset : 0, centres ? within.byteOffset : 0],
          ...[scale, losses.byteOffset, rooms[i]!.byteOffset],
        ];
      });
      await k.parallel("stepTopology", calls);
      return losses.reduce((sum, loss) => sum + loss, 0);
    },
  };
}
