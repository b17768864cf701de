// An encoder in an artifact: its nodes in the manifest, its weights among the tensors as "encoder.<name>".

import { must, UserError } from "../base/errors.ts";
import { elements, type GraphTensor } from "../graph/tensor.ts";
import type { Encoder, EncoderNode } from "../recommender/encoder/encoder.ts";
import { narrowed } from "../recommender/encoder/value.ts";
import type { Tensor } from "../tables/table.ts";
import { tablesPath } from "./paths.ts";
import { isCount, isObject, isText } from "./sealed-json.ts";

/** What the manifest keeps of an encoder. */
export interface EncoderShape extends Omit<Encoder, "weights"> {
  readonly weights: Readonly<Record<string, { readonly dtype: "float32" | "int64"; readonly dims: readonly number[] }>>;
}

const PREFIX = "encoder.";

/** Adds the weights to `tensors`; whole numbers are kept in 32 bits. */
export function encodeEncoder({ weights, ...rest }: Encoder, tensors: Map<string, Tensor>): EncoderShape {
  const shapes = Object.entries(weights).map(([name, { dtype, dims, data }]) => {
    const whole = data instanceof BigInt64Array;
    tensors.set(PREFIX + name, whole ? narrowed(data) : (data as Float32Array));
    return [name, { dtype: dtype as "float32" | "int64", dims }] as const;
  });
  return { ...rest, weights: Object.fromEntries(shapes) };
}

/** Takes the weights out of `tensors`; one that is missing or of another size is a UserError. */
export function decodeEncoder({ weights, ...rest }: EncoderShape, tensors: Map<string, Tensor>): Encoder {
  const found = Object.entries(weights).map(([name, { dtype, dims }]): [string, GraphTensor] => {
    const tensor = tensors.get(PREFIX + name);
    const fits = dtype === "int64" ? tensor instanceof Int32Array : tensor instanceof Float32Array;
    if (!fits || must(tensor, "a tensor").length !== elements(dims)) {
      throw new UserError(`${tablesPath}: it does not hold the encoder's "${name}"; seal the artifact again.`);
    }
    tensors.delete(PREFIX + name);
    const data = dtype === "int64" ? BigInt64Array.from(tensor as Int32Array, BigInt) : (tensor as Float32Array);
    return [name, { dtype, dims, data }];
  });
  return { ...rest, weights: Object.fromEntries(found) };
}

const isTexts = (v: unknown): boolean => Array.isArray(v) && v.every(isText);
const isCounts = (v: unknown): boolean => Array.isArray(v) && v.every(isCount);
const isAttribute = (v: unknown): boolean =>
  typeof v === "number" ||
  isText(v) ||
  (Array.isArray(v) && v.every((n) => typeof n === "number")) ||
  (isObject(v) && typeof v["float"] === "number");
const isNode = (v: unknown): v is EncoderNode =>
  isObject(v) &&
  isText(v["op"]) &&
  isTexts(v["inputs"]) &&
  isTexts(v["outputs"]) &&
  isObject(v["attributes"]) &&
  Object.values(v["attributes"]).every(isAttribute);

/** Whether a manifest's field is an encoder's shape; checkEncoder tells whether it can run. */
export const isEncoder = (v: unknown): boolean =>
  isObject(v) &&
  [v["length"], v["width"], v["d"]].every(isCount) &&
  Array.isArray(v["nodes"]) &&
  v["nodes"].every(isNode) &&
  isObject(v["weights"]) &&
  Object.values(v["weights"]).every(
    (w) => isObject(w) && (w["dtype"] === "float32" || w["dtype"] === "int64") && isCounts(w["dims"]),
  );
