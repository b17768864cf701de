// The embedding tables of a model, opened outside its graph and started from its initializers.

import { createEmbeddingTable, type EmbeddingTable } from "../tables/embedding-table.ts";
import type { TableMemories } from "../tables/memories.ts";
import type { TableOptimizerOptions } from "../tables/options.ts";
import { rowsOf } from "./lazy-table.ts";
import type { Model } from "./model.ts";

/** By name; what is opened is freed again where one of them cannot be. */
export async function openTables(
  { graph, tables }: Model,
  memories: TableMemories,
  optimizer: TableOptimizerOptions,
): Promise<Record<string, EmbeddingTable>> {
  const opened: Record<string, EmbeddingTable> = {};
  try {
    for (const name of tables) {
      const tensor = graph.initializers.get(name)!;
      const [rows, width] = tensor.dims as [number, number];
      opened[name] = await createEmbeddingTable({ memories, rows, width, optimizer, init: rowsOf(tensor) });
    }
    return opened;
  } catch (error) {
    for (const table of Object.values(opened)) table.free();
    throw error;
  }
}
