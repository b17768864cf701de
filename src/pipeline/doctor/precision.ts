// The doctor's look at changes of number type in a graph: those that cost time, memory or both and win nothing.

import type { GraphNode } from "../../graph/graph.ts";
import { tensorBytes } from "../../graph/tensor.ts";
import type { GraphView } from "../../recommender/foreign/view.ts";
import type { Finding } from "../../report/diagnosis.ts";

export function examinePrecision(view: GraphView): Finding[] {
  return view.graph.nodes.flatMap((node) => [
    ...dequantizedWhole(view, node),
    ...unfused(view, node),
    ...sandwich(view, node),
  ]);
}

const isOp = (node: GraphNode | undefined, op: string): node is GraphNode => node?.op === op && node.domain === "";
const label = (node: GraphNode): string => node.name || node.outputs[0] || node.op;
const passing = new Set(["Identity", "Transpose", "Reshape"]);

/** A table that is unpacked whole on every call so that a few rows of it can be picked. */
function dequantizedWhole(view: GraphView, gather: GraphNode): Finding[] {
  if (!isOp(gather, "Gather")) return [];
  let at = view.writer(gather.inputs[0] ?? "");
  while (at && passing.has(at.op)) at = view.writer(at.inputs[0] ?? "");
  if (!isOp(at, "DequantizeLinear") && !isOp(at, "Cast")) return [];
  const packed = view.constant(at.inputs[0] ?? "");
  if (packed?.tensor.dims.length !== 2) return [];
  return [
    {
      ...{ kind: "dequantized-whole", where: packed.name, bytes: 0 },
      what: `${label(at)} (${at.op}) unpacks all ${packed.tensor.dims[0]} rows before ${label(gather)} picks some: more memory than float32, ${tensorBytes(packed.tensor).length} bytes read on every call.`,
      mend: `pick first and unpack the picked rows: Gather, then ${at.op}; distilrec compress emits that.`,
    },
  ];
}

/** What ONNX Runtime's processors have integer forms of, between dequantised inputs. */
const integerForms = new Set(
  "MatMul Gemm Conv Add Mul Relu Sigmoid Softmax AveragePool GlobalAveragePool MaxPool Concat Split Gather Reshape Transpose Squeeze Unsqueeze Resize LeakyRelu Clip Where ArgMax".split(
    " ",
  ),
);

/** Values made integers and floats again, around an operator that computes on floats all the same. */
function unfused(view: GraphView, node: GraphNode): Finding[] {
  if (!isOp(node, "DequantizeLinear") || !isOp(view.writer(node.inputs[0] ?? ""), "QuantizeLinear")) return [];
  return view
    .readers(node.outputs[0] ?? "")
    .filter((reader) => reader.op !== "QuantizeLinear")
    .flatMap((reader): Finding[] => {
      const floats = reader.inputs.slice(0, 2).filter((input) => !isOp(view.writer(input), "DequantizeLinear"));
      const known = reader.domain === "" && integerForms.has(reader.op);
      const alone = reader.op === "MatMul" || reader.op === "Gemm" || reader.op === "Conv";
      if (known && (!alone || floats.length === 0)) return [];
      return [
        {
          ...{ kind: "unfused-quantization", where: label(reader), bytes: 0 },
          what: known
            ? `its input is quantised and dequantised again, but ${floats.join(", ")} is float: ${reader.op} computes on floats, and the pair costs time.`
            : `its input is quantised and dequantised again, and ${reader.op} has no integer form: the pair costs time and accuracy.`,
          mend: known ? `quantise ${floats.join(", ")}, too, or neither.` : "leave this operator's input unquantised.",
        },
      ];
    });
}

/** One operator in another float type between two casts, or two casts that undo each other. */
function sandwich(view: GraphView, node: GraphNode): Finding[] {
  if (node.op === "Cast") {
    const before = view.writer(node.inputs[0] ?? "");
    const back =
      isOp(before, "Cast") && isFloat(before) && isFloat(node) && before.attributes["to"] !== node.attributes["to"];
    return back ? [sandwiched(label(node), `${label(before)} and ${label(node)} cast one after the other.`)] : [];
  }
  const inner = node.inputs.map((input) => view.writer(input)).filter((writer) => isOp(writer, "Cast"));
  const outer = node.outputs.flatMap((output) => view.readers(output));
  const around = inner.length > 0 && inner.every(isFloat) && outer.length > 0;
  if (!around || !outer.every((reader) => isOp(reader, "Cast") && isFloat(reader))) return [];
  const to = inner[0]!.attributes["to"];
  // Constants come cast already in a graph of half precision; values that change type there and back do not.
  if (!outer.every((reader) => reader.attributes["to"] !== to)) return [];
  if (node.inputs.some((input) => view.inputsOf(input).size > 0 && !isOp(view.writer(input), "Cast"))) return [];
  return [sandwiched(label(node), `${node.op} is the only operator between casts there and back.`)];
}

const isFloat = (cast: GraphNode | undefined): boolean => [1, 10, 11, 16].includes(cast?.attributes["to"] as number);

const sandwiched = (where: string, what: string): Finding => ({
  ...{ kind: "cast-sandwich", where, bytes: 0, what },
  mend: "keep one float type along the path, or let this operator be in the type around it.",
});
