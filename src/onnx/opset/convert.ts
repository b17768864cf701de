// A graph of an earlier version of the standard operators as one of a later: each node is lifted through every version
// that changed its operator.

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
import { normalization } from "./normalization.ts";
import { reduction } from "./reduction.ts";
import { shape } from "./shape.ts";

const families: Family = { ...elementwise, ...normalization, ...reduction, ...shape, ...linear };
const EARLIEST = 7;
const LATEST = 21;
/** Some size for a free dimension: only the number of dimensions is asked. */
const ANY_SIZE = 7;

/**
 * Converts in place up to `opset`, at most 21. Functions are inlined; operators of other domains stay as they are. An
 * operator whose versions are not known here is a UserError that names it, as is a graph below 7 or above `opset`.
 */
export function convertOpset(graph: Graph, opset: number = LATEST): void {
  if (graph.opset < EARLIEST)
    throw new UserError(`opset ${graph.opset} is older than ${EARLIEST}; export the model for a later one.`);
  if (graph.opset > opset || opset > LATEST)
    throw new UserError(
      `opset ${graph.opset} is newer than ${Math.min(opset, LATEST)}; export the model for that one.`,
    );
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
    rank: (value) => known.types.get(value)?.dims.length,
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
  const versions = Object.hasOwn(families, node.op) ? families[node.op] : undefined;
  if (!versions) {
    const label = node.name || node.outputs[0] || "";
    throw new UserError(
      `${node.op} ${label}: it is not known how opset ${to} has it. ${suggest(node.op, Object.keys(families))}`,
    );
  }
  let nodes: readonly GraphNode[] = [node];
  for (const [version, lift] of Object.entries(versions)) {
    if (Number(version) <= from || Number(version) > to) continue;
    nodes = nodes.flatMap((each) => (each.op === node.op ? (lift(each, c) ?? [each]) : [each]));
  }
  return nodes;
}
