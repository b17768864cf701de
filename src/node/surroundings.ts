// What a pipeline gets on this machine: kernels on threads, files, clocks, ONNX Runtime and a run folder.

import { stat } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import type { Runtime } from "../graph/runtime.ts";
import type { Reader } from "../kinds/reader.ts";
import { noStore } from "../pipeline/stage.ts";
import type { Progress, Surroundings } from "../pipeline/surroundings.ts";
import { processBytes } from "./answering-process.ts";
import { openArtifactFolder } from "./artifact-folder.ts";
import { compressedBytes } from "./compress-size.ts";
import { machine } from "./machine.ts";
import { openMeter } from "./meter.ts";
import type { RuntimeOptions } from "./onnx-runtime.ts";
import { openStore } from "./store.ts";
import { openKernels } from "./threads.ts";

export interface Place {
  /** The folder that relative paths of a recipe start from; then $DISTILREC_DATA, or data/, is tried. */
  readonly base: string;
  /** The run's folder; without it nothing is kept. */
  readonly folder?: string;
  readonly command: string;
  readonly progress: Progress;
  readonly threads?: number | undefined;
  /** ONNX Runtime's execution providers, the preferred one first; cpu where absent. */
  readonly providers?: readonly string[] | undefined;
}

/** Opens them; close() stops the threads and unlocks the folder. */
export async function openSurroundings(place: Place): Promise<Surroundings & { close(): Promise<void> }> {
  const { base, folder, command, progress, threads, providers } = place;
  const store = folder === undefined ? { ...noStore, close: async () => {} } : await openStore(folder);
  const kernels = await openKernels(threads);
  const meter = openMeter();
  return {
    runtime: lazyRuntime({ threads: kernels.threads, ...(providers && { providers }) }),
    ...{ kernels, store, progress, command, machine: machine(), read: lazyReader(base) },
    ...{ meter, clock: meter.clock, processBytes },
    webRuntime: async () => (await import("./onnx-web.ts")).openWebRuntime(),
    openKernels: () => openKernels(threads),
    ask: async (url, question, options) => (await import("./ask.ts")).askJson(url, question, options),
    openArtifact: async (path) => openArtifactFolder(await locate(path, base), { needs: "all" }),
    compressedBytes,
    onnxScores: async (model, queries) => (await import("./onnx-scores.ts")).onnxScores(model, queries),
    async close() {
      progress.stop();
      await kernels.close();
      await store.close();
    },
  };
}

/** Where a relative path is: beside the recipe, else below $DISTILREC_DATA or data/, else nowhere (the first is returned). */
async function locate(path: string, base: string): Promise<string> {
  if (isAbsolute(path)) return path;
  for (const root of [base, process.env["DISTILREC_DATA"] || "data"]) {
    const full = join(root, path);
    if (await stat(full).catch(() => undefined)) return full;
  }
  return join(base, path);
}

/** ONNX Runtime is loaded only when a graph is to run. */
const lazyRuntime = (options: RuntimeOptions): Runtime => ({
  open: async (model) => (await import("./onnx-runtime.ts")).onnxRuntime(options).open(model),
});

/** DuckDB is loaded only when a file is read: generated worlds need none. */
function lazyReader(base: string): Reader {
  const reader = async () => (await import("./reader.ts")).createReader();
  return {
    columns: async (path, mapping) => (await reader()).columns(await locate(path, base), mapping),
    rows: async (path, mapping) => (await reader()).rows(await locate(path, base), mapping),
    text: async (path, fallback) => (await reader()).text(await locate(path, base), fallback),
    firstLine: async (path) => (await reader()).firstLine(await locate(path, base)),
    exists: async (path) => (await reader()).exists(await locate(path, base)),
  };
}
