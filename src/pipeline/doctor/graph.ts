// The doctor's look at a graph, whoever made it.

import type { Graph } from "../../graph/graph.ts";
import { inlineFunctions } from "../../graph/inline-functions.ts";
import { findEmbeddingTables } from "../../recommender/foreign/embedding-tables.ts";
import { viewGraph } from "../../recommender/foreign/view.ts";
import type { Finding } from "../../report/diagnosis.ts";
import { examinePrecision } from "./precision.ts";
import { examineConstants } from "./weights.ts";

/** Every finding; functions of the graph are inlined in it. */
export function examineGraph(graph: Graph): Finding[] {
  inlineFunctions(graph);
  const view = viewGraph(graph);
  return [...examineConstants(view, findEmbeddingTables(view)), ...examinePrecision(view)];
}
