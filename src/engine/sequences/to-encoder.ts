// A graph that answers, as the encoder of a recommender.

import { bug } from "../../base/errors.ts";
import type { Attribute, Graph } from "../../graph/graph.ts";
import type { Encoder, EncoderNode } from "../../recommender/encoder/encoder.ts";
import { checkEncoder } from "../../recommender/encoder/run.ts";

/** The encoder of a graph with inputs `rows` [batch, length, width] and `mask`, and the output `query` [batch, d]. */
export function toEncoder(graph: Graph, sizes: Pick<Encoder, "length" | "width" | "d">): Encoder {
  const read = new Set(graph.nodes.flatMap(({ inputs }) => inputs));
  const encoder: Encoder = {
    ...sizes,
    nodes: graph.nodes.map(({ op, inputs, outputs, attributes }) => ({
      ...{ op, inputs, outputs },
      attributes: Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, plain(name, value)])),
    })),
    weights: Object.fromEntries([...graph.initializers].filter(([name]) => read.has(name))),
  };
  checkEncoder(encoder);
  return encoder;
}

function plain(name: string, value: Attribute): EncoderNode["attributes"][string] {
  if (typeof value === "number" || typeof value === "string") return value;
  if (Array.isArray(value)) return value as readonly number[];
  if ("float" in value) return value as { float: number };
  return bug(`an encoder's attribute "${name}" is of a kind that artifacts do not keep`);
}
