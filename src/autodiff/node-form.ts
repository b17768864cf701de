// A differentiated node as inference sees it, so that gradient rules read axes, slices and splits with inference's readers.

import type { InferContext } from "../graph/infer/rule.ts";
import type { GradientContext } from "./rule.ts";

export const formOf = ({ node, g }: GradientContext): InferContext => ({
  node,
  opset: g.graph.opset,
  inputs: node.inputs.map((name) => (name ? g.type(name) : undefined)),
  constant: (i) => (node.inputs[i] ? g.known(node.inputs[i]) : undefined),
});
