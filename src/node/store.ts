// The stages of a run on disk: <run>/stages/<stage>-<key>/ with the output's files and stage.json, which holds their
// hashes. An output that is not exactly as it was written counts as absent.

import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Files, Store } from "../pipeline/stage.ts";
import { onDisk, readFolder, showFolder, sweep, writeFolder, writeWhole } from "./disk.ts";
import { lockFolder } from "./lock.ts";

const seal = "stage.json";
const hashOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Opens the run folder for one run at a time; close() lets the next one in. */
export async function openStore(run: string): Promise<Store & { close(): Promise<void> }> {
  const unlock = await lockFolder(run);
  const stages = join(run, "stages");
  const artifacts = join(run, "artifacts");
  const folderOf = (stage: string, key: string) => join(stages, `${stage}-${key.slice(0, 16)}`);
  for (const folder of [run, stages, artifacts]) await sweep(folder);
  return {
    async read(stage, key) {
      const found = await readFolder(folderOf(stage, key));
      return found && intact(found, stage, key);
    },
    async write(stage, key, files) {
      const hashes = Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, hashOf(bytes)]));
      const note = new TextEncoder().encode(`${JSON.stringify({ stage, key, hashes }, null, 1)}\n`);
      await writeFolder(folderOf(stage, key), { ...files, [seal]: note });
    },
    async drop(stage, key) {
      const folder = folderOf(stage, key);
      await onDisk(folder, () => rm(folder, { recursive: true, force: true }));
    },
    async publish(shown, files) {
      for (const [name, { stage, key }] of Object.entries(shown)) {
        await showFolder(folderOf(stage, key), join(artifacts, name), seal);
      }
      for (const [name, bytes] of Object.entries(files)) await writeWhole(join(run, name), bytes);
    },
    close: () => onDisk(run, unlock),
  };
}

function intact(found: Files, stage: string, key: string): Files | undefined {
  const { [seal]: note, ...files } = found;
  try {
    const sealed = JSON.parse(new TextDecoder().decode(note)) as {
      stage: string;
      key: string;
      hashes: Record<string, string>;
    };
    const names = Object.keys(sealed.hashes);
    const same = sealed.stage === stage && sealed.key === key && names.length === Object.keys(files).length;
    return same && names.every((name) => files[name] && hashOf(files[name]) === sealed.hashes[name])
      ? files
      : undefined;
  } catch {
    return undefined;
  }
}
