// Products of many rows by one weight, a block of rows at a time: what a block reads and writes stays in a core's cache,
// where ONNX Runtime would pass over all rows once for every 128 columns and again for every 128 of the sum.
//
//     Gemm(x, w, b)  →  Reshape(Add(MatMul(Reshape(x), Reshape(w)), b))     x [rows, k] as [blocks, rows/blocks, k]

import type { GraphNode } from "../../graph/graph.ts";
import { floatAttribute, intAttribute } from "../../graph/infer/rule.ts";
import type { Ops } from "../../graph/ops.ts";

/** Fewer rows than this are left in one piece, as are narrower products, which gain nothing. */
const [MANY, WIDE] = [1024, 128];
/** Rows of a block: the largest divisor of a batch in this range. */
const [LEAST, MOST] = [128, 512];

/**
 * Rewrites the products among the nodes of a graph, in place; every value keeps its name and dims.
 *
 * Processor time of one thread for 4,096 rows, 400 × 400: 15.8 ms to 14.5 with bias and Relu, by the transposed weight
 * 17.0 to 13.6.
 */
export function blockRows(g: Ops): void {
  const { graph } = g;
  for (const node of graph.nodes.splice(0)) {
    const product = blocked(g, node);
    if (product === undefined) graph.nodes.push(node);
    else
      graph.nodes.push({
        ...node,
        op: "Reshape",
        inputs: [product, g.ints(...g.dims(node.outputs[0]!))],
        attributes: {},
      });
  }
}

function blocked(g: Ops, node: GraphNode): string | undefined {
  const { op, domain, inputs } = node;
  if (domain !== "" || (op !== "Gemm" && op !== "MatMul")) return undefined;
  const [x, w, bias] = inputs as [string, string, string?];
  const [dims, weight] = [g.dims(x), g.dims(w)];
  if (dims.length !== 2 || weight.length !== 2) return undefined;
  const plain = floatAttribute(node, "alpha", 1) === 1 && floatAttribute(node, "beta", 1) === 1;
  if (!plain || intAttribute(node, "transA", 0) !== 0) return undefined;
  const [rows, width] = dims as [number, number];
  const block = blockOf(rows);
  if (rows < MANY || block === undefined || Math.min(...weight) < WIDE) return undefined;
  if (bias && g.dims(bias).length > 1) return undefined;
  // One axis more than x has keeps ONNX Runtime from joining the blocks again.
  const lone = g.reshape(w, [1, 1, ...weight]);
  const right = intAttribute(node, "transB", 0) ? g.transpose(lone, [0, 1, 3, 2]) : lone;
  const product = g.matmul(g.reshape(x, [rows / block, block, width]), right);
  return bias ? g.add(product, bias) : product;
}

function blockOf(rows: number): number | undefined {
  for (let block = MOST; block >= LEAST; block--) if (rows % block === 0) return block;
  return undefined;
}
