// A graph's artifact made from another's: everything but the graph and what was done to it stays.

import { type ForeignArtifact, type ForeignInput, type ForeignTable, sealForeign } from "../../artifact/foreign.ts";
import type { LineageStep } from "../../artifact/lineage.ts";
import { onnxPath } from "../../artifact/paths.ts";
import { must } from "../../base/errors.ts";
import type { Graph } from "../../graph/graph.ts";
import type { Files } from "../stage.ts";

/** What is new in the descendant. */
export interface Change {
  readonly name: string;
  readonly graph: Graph;
  readonly tables: readonly ForeignTable[];
  /** Where it reads other columns than the parent. */
  readonly reads?: { readonly inputs: readonly ForeignInput[]; readonly columns: ForeignArtifact["columns"] };
  readonly step: Omit<LineageStep, "parent">;
}

/** The files of the artifact that `change` makes of `parent`. */
export function descend(parent: ForeignArtifact, { name, graph, tables, reads, step }: Change): Files {
  const { manifest, graph: _, columns, ...ids } = parent;
  const { columns: read, inputs } = reads ?? { columns, inputs: manifest.inputs };
  const { format: _f, version: _v, files: _files, lineage = [], ...said } = manifest;
  const own = { ...step, parent: { name: manifest.name, sha256: modelHash(parent) } };
  return Object.fromEntries(
    sealForeign({
      ...said,
      ...ids,
      ...(read && { columns: read }),
      inputs,
      name,
      graph,
      tables,
      lineage: [...lineage, own],
    }),
  );
}

/** The SHA-256 of an artifact's model. */
export const modelHash = ({ manifest }: ForeignArtifact): string => must(manifest.files[onnxPath], onnxPath).sha256;
