// Ties constants again that an exporter wrote out twice: what trains one trains the other.
//
//     copy, of the same shape        the table itself
//     copy, with its axes exchanged  Transpose(table)

import type { Graph } from "../../graph/graph.ts";
import type { GraphTensor } from "../../graph/tensor.ts";
import { usesOf } from "../../graph/uses.ts";

/** Replaces, in place, each copy by what it is a copy of; names that are no initializers are passed over. */
export function retie(
  graph: Graph,
  tables: readonly { readonly name: string; readonly copies: readonly string[] }[],
): void {
  const uses = usesOf(graph);
  for (const { name, copies } of tables) {
    const table = graph.initializers.get(name);
    for (const copy of copies) {
      const twin = graph.initializers.get(copy);
      if (!table || !twin || table.dims.length !== 2) continue;
      uses.replaceAllUses(copy, same(table, twin) ? name : transposed(graph, uses.unique(`${copy}/tied`), name));
      graph.initializers.delete(copy);
    }
  }
}

const same = (a: GraphTensor, b: GraphTensor): boolean =>
  a.dims.join() === b.dims.join() && (a.data as Float32Array).every((x, i) => x === b.data[i]);

function transposed(graph: Graph, output: string, table: string): string {
  const node = { name: output, op: "Transpose", domain: "", inputs: [table], outputs: [output] };
  graph.nodes.unshift({ ...node, attributes: { perm: [1, 0] } });
  return output;
}
