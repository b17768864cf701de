// Gradients of operators that read or write by index. Indices may be negative and may repeat; they get no gradient.

import { UserError } from "../../base/errors.ts";
import { axisOf, intAttribute, nodeName, textAttribute } from "../../graph/infer/rule.ts";
import { elements } from "../../graph/tensor.ts";
import { formOf } from "../node-form.ts";
import { zeros } from "../place.ts";
import type { GradientContext, GradientRule } from "../rule.ts";
import { flatIndices, scatterAdd } from "../scatter-add.ts";

export const Gather: GradientRule = (c) => {
  const { node, g, outputGradient } = c;
  const [x, ids] = node.inputs as [string, string];
  const dims = g.dims(x);
  const axis = axisOf(formOf(c), intAttribute(node, "axis", 0), dims.length);
  return [scatterAdd(g, dims, axis, ids, outputGradient(0)!)];
};

export const GatherElements: GradientRule = ({ node, g, outputGradient }) => {
  const [x, ids] = node.inputs as [string, string];
  const axis = intAttribute(node, "axis", 0);
  return [g.node("ScatterElements", [zeros(g, g.dims(x)), ids, outputGradient(0)!], { axis, reduction: "add" })];
};

/** The axes that are indexed become one, the batch axes among them. */
export const GatherND: GradientRule = ({ node, g, outputGradient }) => {
  const [x, ids] = node.inputs as [string, string];
  const dims = g.dims(x);
  const batch = intAttribute(node, "batch_dims", 0);
  const depth = batch + g.dims(ids).at(-1)!;
  const rows = elements(dims.slice(0, depth));
  const after = dims.slice(depth);
  let flat = flatIndices(g, ids, dims.slice(batch, depth));
  if (batch > 0) {
    // Rows of one batch entry lie before those of the next.
    const lead = dims.slice(0, batch);
    const each = elements(dims.slice(batch, depth));
    const offsets = Array.from({ length: elements(lead) }, (_, i) => i * each);
    const spread = [
      ...lead,
      ...g
        .dims(flat)
        .slice(batch)
        .map(() => 1),
    ];
    flat = g.add(flat, g.reshape(g.ints(...offsets), spread));
  }
  return [g.reshape(scatterAdd(g, [rows, ...after], 0, flat, outputGradient(0)!), dims)];
};

/** Whether a scatter adds to its data; a UserError where it does anything but set or add. */
function adds({ node }: GradientContext): boolean {
  const reduction = textAttribute(node, "reduction", "none");
  if (reduction === "none" || reduction === "add") return reduction === "add";
  throw new UserError(`${nodeName(node)}: its reduction "${reduction}" has no gradient rule; use "none" or "add".`);
}

/** What was overwritten gets nothing; each update gets the gradient from where it went. */
export const ScatterElements: GradientRule = (c) => {
  const { node, g, outputGradient, needs } = c;
  const ids = node.inputs[1]!;
  const dy = outputGradient(0)!;
  const axis = intAttribute(node, "axis", 0);
  const rest = () => g.node("ScatterElements", [dy, ids, zeros(g, g.dims(ids))], { axis });
  return [
    adds(c) ? dy : needs(0) ? rest() : undefined,
    undefined,
    needs(2) ? g.node("GatherElements", [dy, ids], { axis }) : undefined,
  ];
};

export const ScatterND: GradientRule = (c) => {
  const { node, g, outputGradient, needs } = c;
  const [, ids, updates] = node.inputs as [string, string, string];
  const dy = outputGradient(0)!;
  return [
    adds(c) ? dy : needs(0) ? g.node("ScatterND", [dy, ids, zeros(g, g.dims(updates))]) : undefined,
    undefined,
    needs(2) ? g.node("GatherND", [dy, ids]) : undefined,
  ];
};

/** The values found get the gradient; among equal ones those whose indices TopK gives. */
export const TopK: GradientRule = ({ node, g, outputGradient }) => {
  const dy = outputGradient(0);
  if (dy === undefined) return [];
  const x = node.inputs[0]!;
  const ids = node.outputs[1] || g.nodes("TopK", node.inputs, node.attributes, 2)[1]!;
  return [g.node("ScatterElements", [zeros(g, g.dims(x)), ids, dy], { axis: intAttribute(node, "axis", -1) })];
};

const none: GradientRule = () => [];

export {
  none as ArgMax,
  none as ArgMin,
  none as EyeLike,
  none as NonZero,
  none as OneHot,
  none as Range,
  none as ConstantOfShape,
  none as Shape,
  none as Size,
};
