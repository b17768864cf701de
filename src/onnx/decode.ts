// The bytes of an ONNX model file as a graph. Nothing is dropped: what a Graph has no place for stays as its bytes or is
// refused by name. Storage is not content: numbers in typed fields, in sparse form or in files beside the model read
// like raw ones.

import { UserError } from "../base/errors.ts";
import type { Graph, GraphFunction, ModelFacts } from "../graph/graph.ts";
import { docsOf, domainName, readAttributes, readBody, readNode, readValues } from "./decode-graph.ts";
import type { ExternalData, Source } from "./decode-tensor.ts";
import { areOurs } from "./facts.ts";
import {
  closed,
  type Entry,
  type FunctionMessage,
  type ModelMessage,
  type OperatorSet,
  restOf,
  whole,
} from "./messages.ts";
import { FunctionProto, ModelProto, messageBytes, parseMessage } from "./schema.ts";

/**
 * The graph of a model file; `file` names it in the UserError of a damaged or unsupported one. Tensors are views of
 * `bytes` where alignment allows. `external` reads the files beside it that hold large tensors.
 */
export function decodeOnnx(bytes: Uint8Array, file = "model.onnx", external?: ExternalData): Graph {
  const source = { file, external };
  const model = parse(bytes, file);
  if (hasControlCharacter(model)) throw new UserError(`${file}: a name in it holds control characters; it is damaged.`);
  if (!model.graph) throw new UserError(`${file}: it holds no graph; it is not an ONNX model.`);
  const functions = model.functions.map((f) => readFunction(f, source));
  const opsets = readModelOpsets(model.opset_import, file);
  const facts: ModelFacts = {
    irVersion: whole(model.ir_version, file),
    producer: model.producer_name,
    producerVersion: model.producer_version,
    domain: model.domain,
    modelVersion: whole(model.model_version, file),
    metadata: readMetadata(model.metadata_props, file),
    ...restOf(model),
  };
  return {
    ...readBody(model.graph, source),
    ...opsets,
    ...(functions.length > 0 && { functions }),
    ...(!areOurs(facts, opsets.opset) && { file: facts }),
  };
}

function parse(bytes: Uint8Array, file: string): ModelMessage {
  try {
    return parseMessage(ModelProto, bytes) as unknown as ModelMessage;
  } catch (error) {
    if (/depth|recursion/.test((error as Error).message))
      throw new UserError(`${file}: it nests graphs too deeply; no exporter does, so it is damaged.`);
    throw new UserError(`${file}: it is not an ONNX model, or it is cut short; copy or export it again.`);
  }
}

/** Names come into messages, and a hostile one could write to a terminal. Documentation may hold anything. */
function hasControlCharacter(value: unknown): boolean {
  if (typeof value === "string") return /\p{Cc}/u.test(value);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return false;
  if (Array.isArray(value)) return ["string", "object"].includes(typeof value[0]) && value.some(hasControlCharacter);
  return Object.entries(value).some(
    ([key, inner]) => key !== "doc_string" && key !== "value" && !key.endsWith("_data") && hasControlCharacter(inner),
  );
}

/** Versions by domain; opset 0 where the standard operators are not among them. */
function readOpsets(sets: readonly OperatorSet[], file: string): { opset: number; domains: Record<string, number> } {
  const versions = new Map<string, number>();
  for (const set of sets) {
    const domain = domainName(closed(set, file).domain);
    if (versions.has(domain)) throw new UserError(`${file}: it names two versions of the operators of "${domain}".`);
    versions.set(domain, whole(set.version, file));
  }
  const opset = versions.get("") ?? 0;
  versions.delete("");
  return { opset, domains: Object.fromEntries(versions) };
}

function readModelOpsets(
  sets: readonly OperatorSet[],
  file: string,
): { opset: number; domains: Record<string, number> } {
  const read = readOpsets(sets, file);
  if (read.opset > 0) return read;
  throw new UserError(`${file}: it names no version of the standard operators; it is damaged.`);
}

function readMetadata(entries: readonly Entry[], file: string): Record<string, string> {
  const metadata = new Map<string, string>();
  for (const entry of entries) {
    const { key, value } = closed(entry, file);
    if (metadata.has(key)) throw new UserError(`${file}: its metadata have two entries "${key}".`);
    metadata.set(key, value);
  }
  return Object.fromEntries(metadata);
}

function readFunction(f: FunctionMessage, source: Source): GraphFunction {
  const where = `${source.file}: function ${f.domain}.${f.name}`;
  const { values, rest } = readValues(
    f.value_info,
    restOf(f).rest ?? [],
    (value_info) => messageBytes(FunctionProto, { value_info }),
    source,
  );
  return {
    name: f.name,
    domain: domainName(f.domain),
    overload: f.overload,
    inputs: f.input,
    outputs: f.output,
    attributes: f.attribute,
    attributeDefaults: readAttributes(f.attribute_proto, where, source),
    ...docsOf(f.attribute_proto),
    nodes: f.node.map((n) => readNode(n, source)),
    ...readOpsets(f.opset_import, where),
    ...(values.length > 0 && { values }),
    ...(rest.length > 0 && { rest }),
  };
}
