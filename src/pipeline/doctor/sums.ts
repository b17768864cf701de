// Products of uint8 and int8 in a graph whose sums would saturate on x86 without VNNI, simulated on rows: MatMulInteger,
// and the MatMul or Gemm of dequantised numbers that ONNX Runtime joins to one of whole numbers.

import { saturation } from "../../engine/int8/saturation.ts";
import type { Graph, GraphNode } from "../../graph/graph.ts";
import { dtypeCode } from "../../graph/infer/dtypes.ts";
import { intAttribute } from "../../graph/infer/rule.ts";
import type { RunTensor, Runtime } from "../../graph/runtime.ts";
import type { GraphTensor } from "../../graph/tensor.ts";
import { type Uses, usesOf } from "../../graph/uses.ts";
import type { Finding } from "../../report/diagnosis.ts";
import { observer } from "../graphs/observe.ts";
import { copyOf } from "../graphs/pack-tables.ts";

interface Product {
  /** The constant of int8 weights. */
  readonly name: string;
  /** The value of uint8 that it is multiplied with. */
  readonly by: string;
  /** [ins, outs]. */
  readonly data: Int8Array;
  readonly ins: number;
}

/** A finding for each layer with a sum that would come out otherwise. */
export async function saturatingSums(
  graph: Graph,
  feeds: Readonly<Record<string, RunTensor>>,
  runtime: Runtime,
): Promise<Finding[]> {
  const copy = copyOf(graph);
  const uses = usesOf(copy);
  const products = copy.nodes.flatMap((node) => productOf(uses, node) ?? []);
  const seen = new Map([...new Set(products.map(({ by }) => by))].map((by) => [by, uses.unique(`${by}.float32`)]));
  for (const [by, name] of seen) {
    const attributes = { to: dtypeCode.float32 };
    copy.nodes.push({ name, op: "Cast", domain: "", inputs: [by], outputs: [name], attributes });
  }
  const findings: Finding[] = [];
  await observer({ batches: () => [feeds] }, runtime)(copy, [...seen.values()], 0, (batch) => {
    for (const { name, by, data, ins } of products) {
      const rows = Uint8Array.from(batch[seen.get(by)!]!.data);
      const { wrong, sums, worst } = saturation({ data, scales: new Float32Array(0) }, ins, rows);
      if (wrong === 0) continue;
      findings.push({
        ...{ kind: "sums-saturate", where: name, bytes: 0 },
        what: `on x86 without VNNI ${Number(((100 * wrong) / sums).toPrecision(2))} % of its sums saturate on made-up rows, by up to ${worst} steps.`,
        mend: "reduceRange: true of quantize-static or quantize-dynamic: weights in 7 bits.",
      });
    }
  });
  return findings;
}

function productOf(uses: Uses, node: GraphNode): Product | undefined {
  const [a, b] = node.inputs as [string, string];
  if (node.domain !== "") return undefined;
  if (node.op === "MatMulInteger") return product(uses, a, b, false);
  if (node.op !== "MatMul" && node.op !== "Gemm") return undefined;
  const [by, weights] = [a, b].map((value) => uses.producer(value));
  if (by?.op !== "DequantizeLinear" || weights?.op !== "DequantizeLinear") return undefined;
  if (uses.producer(by.inputs[0]!)?.op !== "QuantizeLinear") return undefined;
  return product(uses, by.inputs[0]!, weights.inputs[0]!, node.op === "Gemm" && intAttribute(node, "transB", 0) === 1);
}

/** Undefined where the weights are not int8. What they meet is taken for uint8: signed numbers of both do not pair up so. */
function product(uses: Uses, by: string, name: string, turned: boolean): Product | undefined {
  const kept = uses.constant(name);
  if (kept?.dtype !== "int8" || kept.dims.length !== 2 || isSigned(uses, by)) return undefined;
  const [ins, outs] = (turned ? kept.dims.toReversed() : kept.dims) as [number, number];
  return { name, by, ins, data: turned ? transposed(kept, ins, outs) : (kept.data as Int8Array) };
}

/** A zero point of int8 makes QuantizeLinear write int8. */
function isSigned(uses: Uses, value: string): boolean {
  const writer = uses.producer(value);
  const zero = writer?.op === "QuantizeLinear" ? uses.constant(writer.inputs[2] ?? "") : undefined;
  return zero?.dtype === "int8";
}

function transposed({ data }: GraphTensor, ins: number, outs: number): Int8Array {
  return Int8Array.from({ length: ins * outs }, (_, i) => Number(data[(i % outs) * ins + Math.floor(i / outs)]));
}
