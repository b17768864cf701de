// Decoding and encoding loses nothing: the protobuf messages of every model file that the tests hold are compared whole,
// fields outside the schema included. Only where a tensor keeps its numbers may differ.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import type protobuf from "protobufjs";
import { describe, expect, test } from "vitest";
import { tensorBytes } from "../graph/tensor.ts";
import { decodeOnnx } from "./decode.ts";
import { readTensor } from "./decode-tensor.ts";
import { encodeOnnx } from "./encode.ts";
import type { TensorMessage } from "./messages.ts";
import { ModelProto, parseMessage } from "./schema.ts";

type Fields = Record<string, unknown>;

const parse = (bytes: Uint8Array): Fields => content(parseMessage(ModelProto, bytes), ModelProto);

/** What a message says: fields that are not their default, unknown ones by their bytes, in no order where none matters. */
function content(message: object, type: protobuf.Type): Fields {
  const own = message as Fields & { $unknowns?: Uint8Array[] };
  const fields: Fields = {};
  for (const field of type.fieldsArray) {
    const value = own[field.name];
    const inner = field.resolve().resolvedType as protobuf.Type | null;
    const plain = (v: unknown) => (inner ? content(v as object, inner) : readable(v));
    if (field.repeated) {
      const list = (value as unknown[]).map(plain);
      if (list.length) fields[field.name] = field.name === "value_info" ? sorted(list) : list;
    } else if (Object.hasOwn(own, field.name) && readable(value) !== readable(field.typeDefault)) {
      fields[field.name] = plain(value);
    }
  }
  if (type.name === "TensorProto") {
    for (const key of Object.keys(fields)) if (key.endsWith("_data")) delete fields[key];
    fields["numbers"] = readable(tensorBytes(readTensor(own as unknown as TensorMessage, "", { file: "" }, true)));
  }
  if (fields["domain"] === "ai.onnx") delete fields["domain"];
  if (own.$unknowns?.length) fields["unknown"] = sorted(own.$unknowns.map(readable));
  return fields;
}

const sorted = (list: readonly unknown[]) => [...list].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

/** 64-bit integers and bytes as text, which compares. */
function readable(value: unknown): unknown {
  if (value instanceof Uint8Array || Array.isArray(value)) return Buffer.from(value as Uint8Array).toString("base64");
  return typeof value === "number" ? value : String(value);
}

describe("a model file that is read and written says the same", () => {
  const files = readdirSync("test", { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".onnx"));
  for (const file of files.map((name) => `test/${name}`).sort()) {
    test(file, () => {
      const before = readFileSync(file);
      const graph = decodeOnnx(before, file);
      const after = encodeOnnx(graph);
      expect(parse(after)).toEqual(parse(before));
      expect(decodeOnnx(after, file)).toEqual(graph);
    });
  }

  const large = "../shared/models/citeulike-bpr-d200.onnx";
  test.skipIf(!existsSync(large))(large, () => {
    const before = readFileSync(large);
    const graph = decodeOnnx(before, large);
    const after = encodeOnnx(graph);
    expect(parse(after)).toEqual(parse(before));
    // Compared by reference to the file: 24 MB of numbers are too many for toEqual.
    const again = decodeOnnx(after, large);
    expect([...again.initializers.keys()]).toEqual([...graph.initializers.keys()]);
    expect({ ...again, initializers: 0 }).toEqual({ ...graph, initializers: 0 });
  });
});
