// A graph of another version of the standard operators as one of 21 or below: each node is lifted through every version
// that changed its operator, or what came after 21 is taken back.

import { suggest, UserError } from "../../base/errors.ts";
import { bodiesOf } from "../../graph/bodies.ts";
import type { Graph, GraphBody, GraphNode } from "../../graph/graph.ts";
import { inferNode, setConstant, type Types } from "../../graph/infer/index.ts";
import { inlineFunctions } from "../../graph/inline-functions.ts";
import { usesOf } from "../../graph/uses.ts";
import { irVersionOf } from "../facts.ts";
import { elementwise } from "./elementwise.ts";
import type { Family, LiftContext } from "./lift.ts";
import { linear } from "./linear.ts";
import { newer } from "./newer.ts";
import { normalization } from "./normalization.ts";
import { reduction } from "./reduction.ts";
import { shape } from "./shape.ts";

const families: Family = { ...elementwise, ...normalization, ...reduction, ...shape, ...linear };
const EARLIEST = 7;
const LATEST = 21;
/** The newest that ONNX Runtime 1.30 reads, so that a conversion can be checked by running both. */
const NEWEST = 26;
/** Some size for a free dimension: only the number of dimensions is asked. */
const ANY_SIZE = 7;

/**
 * Converts in place to `opset`, at most 21, from below or from above. Functions are inlined; operators of other domains
 * stay as they are. An operator that is not known to mean the same there is a UserError that names it; so is a graph
 * below 7, above 26, or above an `opset` below 21.
 */
export function convertOpset(graph: Graph, opset: number = LATEST): void {
  if (graph.opset < EARLIEST)
    throw new UserError(`opset ${graph.opset} is older than ${EARLIEST}; export the model for a later one.`);
  const newest = opset === LATEST ? NEWEST : Math.min(opset, LATEST);
  if (graph.opset > newest || opset > LATEST)
    throw new UserError(`opset ${graph.opset} is newer than ${newest}; export the model for that one.`);
  inlineFunctions(graph);
  convertBody(graph, graph.opset, opset, typesOf(graph), usesOf(graph).unique);
  graph.opset = opset;
  if (graph.file) graph.file.irVersion = Math.max(graph.file.irVersion, irVersionOf(opset));
}

function typesOf(graph: Graph): Types {
  const known: Types = { types: new Map(), constants: new Map() };
  for (const [name, tensor] of graph.initializers) setConstant(known, name, tensor);
  for (const { name, dtype, shape: dims, unranked } of [...(graph.values ?? []), ...graph.inputs]) {
    if (!unranked) known.types.set(name, { dtype, dims: dims.map((d) => (typeof d === "number" ? d : ANY_SIZE)) });
  }
  return known;
}

function convertBody(body: GraphBody, from: number, to: number, known: Types, unique: (label: string) => string): void {
  const c: LiftContext = {
    unique,
    dims: (value) => known.types.get(value)?.dims,
    dtype: (value) => known.types.get(value)?.dtype,
    constant(label, tensor) {
      const name = unique(label);
      body.initializers.set(name, tensor);
      setConstant(known, name, tensor);
      return name;
    },
  };
  body.nodes = body.nodes.flatMap((node) => {
    const lifted = liftNode(node, from, to, c);
    for (const each of lifted) {
      for (const inner of bodiesOf(each))
        convertBody(inner, from, to, { types: new Map(), constants: new Map() }, unique);
      learn(each, to, known);
    }
    return lifted;
  });
}

/** Adds what can be inferred of a node's outputs; what cannot stays unknown. */
function learn(node: GraphNode, opset: number, known: Types): void {
  try {
    inferNode(node, opset, known);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
  }
}

function liftNode(node: GraphNode, from: number, to: number, c: LiftContext): readonly GraphNode[] {
  if (node.domain !== "") return [node];
  const nodes = from > to ? through(newer, [node], (version) => version > to && version <= from, c) : [node];
  const lifted = through(families, nodes, (version) => version > from && version <= to, c);
  const stranger = lifted.find(({ op }) => !Object.hasOwn(families, op));
  if (!stranger) return lifted;
  const label = `${node.op} ${node.name || node.outputs[0] || ""}`;
  if (from > to && stranger === node) {
    throw new UserError(`${label}: it is not known how opset ${to} would say it; export the model for that one.`);
  }
  throw new UserError(`${label}: it is not known how opset ${to} has it. ${suggest(node.op, Object.keys(families))}`);
}

/** Nodes through the versions of their operators: upwards, or the newer ones from the latest down. */
function through(
  family: Family,
  given: readonly GraphNode[],
  includes: (version: number) => boolean,
  c: LiftContext,
): readonly GraphNode[] {
  return given.flatMap((node) => {
    const versions = Object.hasOwn(family, node.op) ? Object.entries(family[node.op]!) : [];
    const inOrder = family === newer ? versions.reverse() : versions;
    let nodes: readonly GraphNode[] = [node];
    for (const [version, lift] of inOrder) {
      if (includes(Number(version))) nodes = nodes.flatMap((n) => (n.op === node.op ? (lift(n, c) ?? [n]) : [n]));
    }
    return nodes;
  });
}
