// `distilrec data get NAME`: the files of a known set, from their official address or a mirror, verified and unpacked.

import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { unzipSync } from "fflate";
import { UserError } from "../base/errors.ts";
import { findSet, type KnownFile, type KnownSet } from "./catalog.ts";
import { download, hashOf } from "./download.ts";

export interface GetOptions {
  /** The folder under which the set gets its own folder, named after it. */
  readonly to: string;
  /** A folder or an http(s) address that holds NAME/FILE for every file; the official addresses without it. */
  readonly mirror?: string | undefined;
  /** Told after each piece of a file: bytes so far, bytes in all. */
  progress(file: string, done: number, total: number): void;
}

export interface GotData {
  readonly set: KnownSet;
  readonly folder: string;
  /** Names of the files in it. */
  readonly files: readonly string[];
}

/** Fetches a known set into `to`/NAME; files that are there and right are left as they are. */
export async function getData(name: string, options: GetOptions): Promise<GotData> {
  const set = findSet(name);
  const folder = join(options.to, set.name);
  const files: string[] = [];
  for (const file of set.files) {
    const names = file.unpack?.map((path) => basename(path)) ?? [file.name];
    files.push(...names);
    if (await isComplete(folder, file, names)) {
      options.progress(file.name, file.bytes, file.bytes);
      continue;
    }
    const to = join(folder, file.name);
    const from = addressOf(set, file, options.mirror);
    const progress = (done: number) => options.progress(file.name, done, file.bytes);
    await download({ from, to, bytes: file.bytes, sha256: file.sha256, progress });
    if (file.unpack) await unpack(to, folder, file.unpack);
  }
  return { set, folder, files };
}

async function isComplete(folder: string, file: KnownFile, names: readonly string[]): Promise<boolean> {
  for (const name of names) {
    const found = await stat(join(folder, name)).catch(() => undefined);
    if (!found) return false;
    if (file.unpack || (await hashOf(join(folder, name))) === file.sha256) continue;
    throw new UserError(
      `${join(folder, name)}: is there but is not the published file; move it away and run the command again.`,
    );
  }
  return true;
}

function addressOf(set: KnownSet, file: KnownFile, mirror: string | undefined): string {
  if (!mirror) return file.url;
  if (/^https?:/i.test(mirror)) return `${mirror.replace(/\/+$/, "")}/${set.name}/${file.name}`;
  return join(mirror, set.name, file.name);
}

/** Unpacks the named entries into `folder`, each under its last name and atomically, then removes the zip. */
export async function unpack(zip: string, folder: string, wanted: readonly string[]): Promise<void> {
  const unsafe = wanted.find((path) => path.split(/[/\\]/).includes(".."));
  if (unsafe) throw new UserError(`${zip}: entry "${unsafe}" would leave the folder; the file is not to be trusted.`);
  let entries: Record<string, Uint8Array>;
  try {
    entries = unzipSync(await readFile(zip), { filter: ({ name }) => wanted.includes(name) });
  } catch (error) {
    throw new UserError(
      `${zip}: is no zip that can be unpacked (${(error as Error).message}); remove it and run the command again.`,
    );
  }
  await mkdir(folder, { recursive: true });
  for (const path of wanted) {
    const bytes = entries[path];
    if (!bytes) throw new UserError(`${zip}: holds no "${path}"; the file is not the published one.`);
    const to = join(folder, basename(path));
    await writeFile(`${to}.part`, bytes);
    await rename(`${to}.part`, to);
  }
  await rm(zip);
}
