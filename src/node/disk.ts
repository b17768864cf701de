// Whole files and folders on disk: written under another name first and then renamed, so that a kill at any moment
// leaves the old or the new one, never a half. What the file system refuses becomes a sentence.

import { cp, link, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { UserError } from "../base/errors.ts";
import type { Files } from "../pipeline/stage.ts";

const advice: Record<string, string> = {
  ENOSPC: "the disk is full; free some space and run the same command again, what was finished is kept",
  EDQUOT: "the disk quota is used up; free some space and run the same command again",
  EFBIG: "the file would be larger than this system allows",
  EACCES: "no permission to write there; choose another folder",
  EPERM: "no permission to write there; choose another folder",
  EROFS: "that file system is read-only; choose another folder",
  ENOTDIR: "a part of that path is a file, not a folder",
  ENOENT: "that path cannot be created or has vanished",
  EEXIST: "something else is in the way there",
  EISDIR: "there is a folder of that name",
  ENAMETOOLONG: "the name is too long",
  EMFILE: "too many files are open",
};

/** Runs a file operation; a refusal of the system becomes a UserError about `path`. */
export async function onDisk<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const sentence = advice[(error as { code?: string }).code ?? ""];
    throw sentence ? new UserError(`${path}: ${sentence}.`) : error;
  }
}

/** Makes a folder and what it lies in. (The system call's own recursive form never returns on /proc, Node 20.) */
export async function makeFolder(path: string): Promise<void> {
  const make = () =>
    mkdir(path).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST" || !(await stat(path)).isDirectory()) throw error;
    });
  try {
    await make();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await make();
  }
}

/** Puts one file in place at once. */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const half = `${path}.tmp`;
  await onDisk(path, async () => {
    await makeFolder(dirname(path));
    try {
      await writeFile(half, bytes);
      await rename(half, path);
    } catch (error) {
      await rm(half, { force: true });
      throw error;
    }
  });
}

/** Puts a folder of files in place at once, instead of an earlier one. */
export async function writeFolder(path: string, files: Files): Promise<void> {
  await replaceFolder(path, async (half) => {
    for (const [name, bytes] of Object.entries(files)) {
      await makeFolder(dirname(join(half, name)));
      await writeFile(join(half, name), bytes);
    }
  });
}

/** Puts a second view of folder `from`, without its file `except`, at `to`: the same bytes on disk where it allows links. */
export async function showFolder(from: string, to: string, except: string): Promise<void> {
  await replaceFolder(to, async (half) => {
    for (const name of (await filesBelow(from)).filter((file) => file !== except)) {
      await makeFolder(dirname(join(half, name)));
      await link(join(from, name), join(half, name)).catch(() => cp(join(from, name), join(half, name)));
    }
  });
}

async function replaceFolder(path: string, fillFolder: (half: string) => Promise<void>): Promise<void> {
  const half = `${path}.tmp`;
  const old = `${path}.old.tmp`;
  await onDisk(path, async () => {
    await rm(half, { recursive: true, force: true });
    try {
      await makeFolder(half);
      await fillFolder(half);
      await rename(path, old).catch(() => {});
      await rename(half, path);
    } catch (error) {
      await rm(half, { recursive: true, force: true });
      throw error;
    } finally {
      await rm(old, { recursive: true, force: true });
    }
  });
}

/** Every file below `path` by its relative name; undefined when there is no such folder. */
export async function readFolder(path: string): Promise<Files | undefined> {
  try {
    const files: Record<string, Uint8Array> = {};
    for (const name of await filesBelow(path)) files[name] = await readBytes(join(path, name));
    return files;
  } catch {
    return undefined;
  }
}

/** Whether there is a file; what cannot be looked at is none. */
export const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

/** A file as plain bytes: a Buffer's slice would share its memory with its neighbours. */
export async function readBytes(path: string): Promise<Uint8Array> {
  const { buffer, byteOffset, byteLength } = await readFile(path);
  return new Uint8Array(buffer, byteOffset, byteLength);
}

async function filesBelow(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(path, join(entry.parentPath, entry.name)).split(sep).join("/"));
}

/** Removes what a kill left half-written in `folder`. */
export async function sweep(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((n) => n.endsWith(".tmp"))) {
    await onDisk(join(folder, name), () => rm(join(folder, name), { recursive: true, force: true }));
  }
}
