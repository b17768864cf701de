// Options that several networks have. Their defaults are each network's own.

import { z } from "zod";

export const widthOption = (preset: number, meaning = "dimensions of a column's embedding") =>
  z.number().int().min(1).max(4096).default(preset).describe(meaning);

export const hiddenOption = (preset: number[], meaning: string) =>
  z.array(z.number().int().min(1).max(65_536)).min(1).max(32).default(preset).describe(meaning);

export const dropoutOption = (preset: number) =>
  z.number().min(0).max(0.95).default(preset).describe("share of every hidden layer's outputs zeroed in training");

export const batchNormOption = (preset: boolean) =>
  z.boolean().default(preset).describe("normalise every hidden layer before its ReLU");
