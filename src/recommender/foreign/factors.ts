// Recognises a factor model, whatever its towers look like: a score that is
//
//     scale · (p · q) + Σ terms,   p follows the user's number alone, q the item's alone or (all items at once) nothing
//
// in the spellings that exporters have for it. p, q and the terms are named as values of the graph; evaluating them for
// every number gives the tables of a Recommender (pipeline/import-factors.ts). A term that follows the user alone, and a
// Sigmoid over everything, change no ranking and are named as left out.

import type { Graph, GraphNode } from "../../graph/graph.ts";
import { floatAttribute, intAttribute } from "../../graph/infer/rule.ts";
import { type GraphView, viewGraph } from "./view.ts";

/** A value and the factor it enters the score with. */
export interface Term {
  readonly value: string;
  readonly scale: number;
}

export interface FactorPlan {
  /** "all": user → scores of all items; "pair": (user, item) → one score. */
  readonly form: "all" | "pair";
  readonly user: string;
  /** Absent in the form "all". */
  readonly item?: string;
  /** p: [users, d]. */
  readonly left: string;
  /** q: [items, d], or [d, items] where `rightColumns`. */
  readonly right: string;
  readonly rightColumns: boolean;
  /** The scale of p · q. */
  readonly scale: number;
  readonly itemTerms: readonly Term[];
  readonly userTerms: readonly Term[];
  readonly constantTerms: readonly Term[];
  /** Whether the graph's own output is the Sigmoid of that score. */
  readonly sigmoid: boolean;
}

/** What the user said of the inputs; a role that is not given is inferred. */
export interface FactorRoles {
  readonly user?: string | undefined;
  readonly item?: string | undefined;
}

export interface NoFactors {
  readonly why: string;
  /** The two inputs of which only a person knows which is the user's. */
  readonly ask?: readonly [string, string];
}

/** p · q, times a scale. */
export interface Product {
  readonly left: string;
  readonly right: string;
  readonly rightColumns: boolean;
  readonly scale: number;
}

const flatOps = new Set(["Squeeze", "Unsqueeze", "Reshape", "Flatten"]);

/** The plan, or the reason why the graph is no factor model. */
export function recognizeFactors(graph: Graph, roles: FactorRoles): FactorPlan | NoFactors {
  const view = viewGraph(graph);
  const [output, ...more] = graph.outputs;
  if (!output || more.length > 0) return { why: `it has ${graph.outputs.length} outputs` };
  const top = view.writer(view.source(output.name));
  const sigmoid = top?.op === "Sigmoid";
  const split = splitScore(view, sigmoid ? (top.inputs[0] ?? "") : output.name);
  if ("why" in split) return split;
  const { product, terms } = split;
  const [left, right] = [view.inputsOf(product.left), view.inputsOf(product.right)];
  const sides = sidesOf([...left], [...right], roles);
  if ("why" in sides) return sides;
  const { user, item } = sides;
  for (const name of item === undefined ? [user] : [user, item]) {
    const input = graph.inputs.find((one) => one.name === name);
    if (!input || !/^int/.test(input.dtype) || input.shape.slice(1).some((d) => d !== 1))
      return { why: `input "${name}" is not one number a row` };
  }
  const groups: Record<"user" | "item" | "constant", Term[]> = { user: [], item: [], constant: [] };
  for (const term of terms) {
    const follows = [...view.inputsOf(term.value)];
    if (follows.length > 1) return { why: `${nameOf(view, term.value)} mixes ${follows.join(" and ")}` };
    const [input] = follows;
    if (input !== undefined && input !== user && input !== item)
      return { why: `${nameOf(view, term.value)} follows ${input}` };
    const one = view.constant(term.value)?.tensor.data.length === 1;
    groups[input === user ? "user" : input === undefined && (one || item !== undefined) ? "constant" : "item"].push(
      term,
    );
  }
  return {
    ...{ form: item === undefined ? "all" : "pair", user, ...(item !== undefined && { item }) },
    ...(sides.swapped ? { left: product.right, right: product.left } : { left: product.left, right: product.right }),
    ...{ rightColumns: product.rightColumns, scale: product.scale, sigmoid },
    ...{ itemTerms: groups.item, userTerms: groups.user, constantTerms: groups.constant },
  };
}

const nameOf = (view: GraphView, value: string): string => {
  const node = view.writer(value);
  return node ? `${node.op} ${node.name || value}` : `"${value}"`;
};

/** Which input is the user's and which the item's; several on one side make no factor model. */
function sidesOf(
  left: readonly string[],
  right: readonly string[],
  roles: FactorRoles,
): { user: string; item?: string; swapped: boolean } | NoFactors {
  for (const side of [left, right]) if (side.length > 1) return { why: `one side follows ${side.join(" and ")}` };
  const [[a], [b]] = [left, right];
  if (a === undefined) return { why: "no input reaches the left side of the product" };
  if (b === undefined) return { user: a, swapped: false };
  if (a === b) return { why: `both sides follow ${a}` };
  const userIs = (name: string, other: string) =>
    roles.user === name || roles.item === other || (!roles.user && !roles.item && looks(name, other));
  if (userIs(a, b)) return { user: a, item: b, swapped: false };
  if (userIs(b, a)) return { user: b, item: a, swapped: true };
  return { why: `which of its inputs ${a} and ${b} is the user is not known`, ask: [a, b] };
}

const userLike = /user|uid|member|customer|visitor|client|person|reader/i;
const itemLike = /item|iid|movie|product|sku|article|song|track|book|video|ad_?id|candidate|target|asin/i;
const looks = (user: string, item: string) =>
  (userLike.test(user) && !userLike.test(item)) || (itemLike.test(item) && !itemLike.test(user));

/** Whether a name says that its input numbers users, or items. */
export const namedLike = (name: string): "user" | "item" | undefined =>
  userLike.test(name) ? "user" : itemLike.test(name) ? "item" : undefined;

/** Takes a score apart into one product and what is added to it. */
export function splitScore(view: GraphView, score: string): { product: Product; terms: Term[] } | { why: string } {
  const products: Product[] = [];
  const terms: Term[] = [];
  const open: Term[] = [{ value: score, scale: 1 }];
  for (let budget = 1000; open.length > 0; budget--) {
    if (budget === 0) return { why: "its score is a sum of too many terms" };
    const term = open.pop()!;
    const value = view.source(term.value);
    const node = view.writer(value);
    const product = node && productOf(view, node);
    const parts = node && !product ? partsOf(view, node) : undefined;
    if (product) products.push({ ...product, scale: product.scale * term.scale });
    else if (parts) for (const part of parts) open.push({ value: part.value, scale: part.scale * term.scale });
    else if (view.inputsOf(value).size > 1)
      return { why: `${nameOf(view, value)} is more than a product of two vectors` };
    else terms.push({ value, scale: term.scale });
    if (product && node?.op === "Gemm" && node.inputs[2])
      open.push({ value: node.inputs[2], scale: floatAttribute(node, "beta", 1) * term.scale });
  }
  const [product, another] = products;
  if (!product) return { why: "its score is no product of a user's and an item's vector" };
  if (another) return { why: "its score is a sum of several products" };
  return { product, terms };
}

/** What a sum, a scaling or a change of shape passes on. */
function partsOf(view: GraphView, node: GraphNode): Term[] | undefined {
  const [a = "", b = ""] = node.inputs;
  if (node.op === "Add") return [a, b].map((value) => ({ value, scale: 1 }));
  if (node.op === "Sum") return node.inputs.map((value) => ({ value, scale: 1 }));
  if (node.op === "Sub") return [a, b].map((value, i) => ({ value, scale: i === 0 ? 1 : -1 }));
  if (node.op === "Neg") return [{ value: a, scale: -1 }];
  const [left, right] = [scalarOf(view, a), scalarOf(view, b)];
  if (node.op === "Mul" && right !== undefined) return [{ value: a, scale: right }];
  if (node.op === "Mul" && left !== undefined) return [{ value: b, scale: left }];
  if (node.op === "Div" && right !== undefined) return [{ value: a, scale: 1 / right }];
  // A change of shape reorders nothing; where it mixes rows the comparison with the graph itself shows it.
  return flatOps.has(node.op) ? [{ value: a, scale: 1 }] : undefined;
}

function scalarOf(view: GraphView, value: string): number | undefined {
  const tensor = view.constant(value)?.tensor;
  return tensor?.dtype === "float32" && tensor.data.length === 1 ? Number(tensor.data[0]) : undefined;
}

/** The product of two vectors that a node computes, its bias aside. */
function productOf(view: GraphView, node: GraphNode): Product | undefined {
  const [a = "", b = ""] = node.inputs;
  const varies = (value: string) => view.inputsOf(value).size > 0;
  if (node.op === "MatMul" && varies(a) && !varies(b)) return { left: a, right: b, rightColumns: true, scale: 1 };
  // [b, 1, d] × [b, d, 1]: both sides are a vector a row, and their unit dimensions vanish.
  if (node.op === "MatMul" && unitRow(view, a, [1, -2]) && unitRow(view, b, [2, -1]))
    return { left: a, right: b, rightColumns: false, scale: 1 };
  if (node.op === "Gemm" && varies(a) && !varies(b) && intAttribute(node, "transA", 0) === 0)
    return {
      left: a,
      right: b,
      rightColumns: intAttribute(node, "transB", 0) === 0,
      scale: floatAttribute(node, "alpha", 1),
    };
  if (node.op === "ReduceSum" && reducesLast(view, node)) {
    const times = view.writer(view.source(a));
    const [p = "", q = ""] = times?.inputs ?? [];
    if (times?.op === "Mul" && varies(p) && varies(q)) return { left: p, right: q, rightColumns: false, scale: 1 };
  }
  if (node.op === "Einsum" && node.inputs.length === 2) {
    const [, p, q, out] = /^(\w+),(\w+)->(\w*)$/.exec(String(node.attributes["equation"]).replace(/\s/g, "")) ?? [];
    if (p?.length === 2 && p === q && out === p[0]) return { left: a, right: b, rightColumns: false, scale: 1 };
  }
  return undefined;
}

function unitRow(view: GraphView, value: string, places: readonly number[]): boolean {
  const node = view.writer(view.source(value));
  const axes = node?.op === "Unsqueeze" ? view.integers(node.inputs[1] ?? "") : undefined;
  return axes?.length === 1 && places.includes(axes[0]!);
}

function reducesLast(view: GraphView, node: GraphNode): boolean {
  const attribute = node.attributes["axes"];
  const axes = Array.isArray(attribute) ? (attribute as number[]) : view.integers(node.inputs[1] ?? "");
  return axes?.length === 1 && (axes[0] === -1 || axes[0] === 1);
}
