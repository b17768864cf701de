// What a process of its own takes to answer from an artifact, where one can be started and looked at.

import { formatBytes } from "../../base/format.ts";
import type { RunTensor } from "../../graph/runtime.ts";
import type { Cost, Size } from "../../report/cost-results.ts";
import { type Files, runStage } from "../stage.ts";
import type { Surroundings } from "../surroundings.ts";

/** What the process is asked: users of a recommender's artifact, or feeds of its `model.onnx`. */
export type Asking =
  | { readonly asked: readonly (readonly string[] | { readonly user: string })[]; readonly k: number }
  | { readonly feeds: Readonly<Record<string, RunTensor>>; readonly times: number };

/** Peak bytes of the process, and of one that does nothing; or why there are none. */
export type ProcessBytes = { readonly peak: number; readonly idle: number } | { readonly why: string };

export interface ProcessMemory {
  readonly size: { readonly process?: Size };
  readonly missing: Cost["missing"];
}

const version = 1;

/** The peak of a process that opens the artifact and answers, measured once for each artifact. */
export async function processMemory(
  { name, key, files }: { readonly name: string; readonly key: string; readonly files: Files },
  asking: Asking,
  around: Surroundings,
): Promise<ProcessMemory> {
  const { value: found } = await runStage<ProcessBytes>(
    {
      ...{ stage: "memory", version, label: `memory ${name}`, options: {}, inputs: [key] },
      encode: (bytes) => ({ "bytes.json": new TextEncoder().encode(JSON.stringify(bytes)) }),
      decode: (kept) => JSON.parse(new TextDecoder().decode(kept["bytes.json"])) as ProcessBytes,
      compute: () => around.processBytes(files, asking),
    },
    around,
  );
  if ("why" in found) return { size: {}, missing: [{ what: "memory of a process", why: found.why }] };
  const how = `peak resident memory of a Node process that opens it and answers; ${formatBytes(found.idle)} of it are Node's`;
  return { size: { process: { bytes: found.peak, found: "measured", how } }, missing: [] };
}
