// ONNX model files on disk, with the files beside them that hold large tensors.

import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { dirname, join } from "node:path";
import { UserError } from "../base/errors.ts";
import type { Graph } from "../graph/graph.ts";
import { decodeOnnx } from "../onnx/decode.ts";
import { onDisk, readBytes } from "./disk.ts";
import { checkFile } from "./text.ts";

/** The bytes of a model file and its graph; whatever is wrong with either is a UserError that names the file. */
export async function readOnnxFile(path: string): Promise<{ bytes: Uint8Array; graph: Graph }> {
  await checkFile(path);
  const bytes = await onDisk(path, () => readBytes(path));
  return {
    bytes,
    graph: decodeOnnx(bytes, path, (location, offset, length) => readBeside(path, location, offset, length)),
  };
}

/** A part of a file in the model's folder; shorter where that file ends before. */
function readBeside(model: string, location: string, offset: number, length: number): Uint8Array {
  const path = join(dirname(model), location);
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new UserError(
      `${model}: it keeps numbers in ${location}, which cannot be read (${why}); copy that file beside it.`,
    );
  }
  try {
    const there = Math.max(0, Math.min(length, fstatSync(file).size - offset));
    const bytes = new Uint8Array(there);
    for (let at = 0; at < there; ) {
      const n = readSync(file, bytes, at, there - at, offset + at);
      if (n === 0) return bytes.subarray(0, at);
      at += n;
    }
    return bytes;
  } finally {
    closeSync(file);
  }
}
