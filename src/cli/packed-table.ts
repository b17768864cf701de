// What became of a graph's tables and layers, as a table for people.

import { formatBytes, formatTable } from "../base/format.ts";
import type { PackedTable } from "../pipeline/graphs/pack-graph.ts";

export function packedTable({ tables, layers }: Readonly<Record<"tables" | "layers", readonly PackedTable[]>>): string {
  return formatTable([
    [layers.length > 0 ? "table or layer" : "table", "encoding", "before", "after", "left as it was because, or note"],
    ...[...tables, ...layers].map(({ name, encoding, bytes, refused, note }) => [
      ...[name, encoding, formatBytes(bytes.before), formatBytes(bytes.after), refused ?? note ?? ""],
    ]),
  ]);
}
