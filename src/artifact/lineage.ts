// What was done to a graph after it was imported or trained: one entry a step, the latest last.

import { isObject, isText } from "./sealed-json.ts";

export interface LineageStep {
  readonly step: "finetune" | "compress" | "calibrate";
  /** The artifact that it was made from: its name and the SHA-256 of its model.onnx. */
  readonly parent: { readonly name: string; readonly sha256: string };
  /** How, as plain JSON. */
  readonly options: unknown;
  /** Of the parent and of the result, on the same rows; empty where there were none with labels. */
  readonly metrics: { readonly before: Metrics; readonly after: Metrics };
}

export type Metrics = Readonly<Record<string, number>>;

/** Whether what a manifest says is a lineage. */
export const isLineage = (value: unknown): boolean => Array.isArray(value) && value.every(isStep);

const isStep = (v: unknown): boolean =>
  isObject(v) &&
  ["finetune", "compress", "calibrate"].includes(v["step"] as string) &&
  isObject(v["parent"]) &&
  [v["parent"]["name"], v["parent"]["sha256"]].every(isText) &&
  isObject(v["metrics"]) &&
  [v["metrics"]["before"], v["metrics"]["after"]].every(
    (one) => isObject(one) && Object.values(one).every((x) => typeof x === "number"),
  );
