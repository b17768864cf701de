// Options that next-item models share.

import { z } from "zod";
import { epochOptions } from "../fit-epochs.ts";

export const sequenceOptions = {
  d: z.number().int().min(1).max(1024).default(64).describe("dimensions of items and states"),
  length: z.number().int().min(1).max(1000).default(50).describe("latest items of a history that are read"),
  loss: z
    .enum(["softmax", "bce"])
    .default("softmax")
    .describe("cross-entropy over the next item and shared negatives, or as SASRec was published"),
  negatives: z.number().int().min(1).max(65_536).default(512).describe("items drawn for a batch, alike for all of it"),
  temperature: z.number().min(1e-3).max(100).default(1).describe("softmax temperature"),
  dropout: z.number().min(0).lt(1).default(0.5).describe("share of numbers zeroed while training"),
  ...epochOptions({ epochs: 100, patience: 5, every: 2 }, "sequences"),
  batch: z.number().int().min(1).max(65_536).default(128).describe("sequences a step"),
  learningRate: z.number().gt(0).max(10).default(1e-3).describe("Adam's step size"),
};
