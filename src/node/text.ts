// Whole files as text, and the first line of a file that may be large. Gzip is recognised by its magic bytes.

import { createReadStream } from "node:fs";
import { open, readFile, stat } from "node:fs/promises";
import { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { createGunzip, gunzip } from "node:zlib";
import { UserError } from "../base/errors.ts";

/** Throws a UserError unless a readable, non-empty file is there. */
export async function checkFile(path: string): Promise<void> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new UserError(
      error.code === "ENOENT" || error.code === "ENOTDIR"
        ? `${path}: no such file; check the path.`
        : `${path}: cannot be opened (${error.code ?? error.message}).`,
    );
  });
  if (found.isDirectory()) throw new UserError(`${path}: is a folder; name a file in it.`);
  if (found.size === 0 && found.isFile()) throw new UserError(`${path}: is empty (0 bytes); give a file with rows.`);
}

/** The text of a file, gunzipped if need be; UTF-8, or the fallback where the bytes are not valid UTF-8. */
export async function readText(path: string, fallback?: "latin1"): Promise<string> {
  await checkFile(path);
  let bytes: Uint8Array = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new UserError(`${path}: cannot be read (${error.code ?? error.message}).`);
  });
  if (isGzip(bytes)) {
    bytes = await promisify(gunzip)(bytes).catch(() => {
      throw new UserError(`${path}: the gzip data is broken or cut short; fetch the file again.`);
    });
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    if (fallback) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(fallback);
    throw new UserError(`${path}: is not UTF-8 text; save the file as UTF-8.`);
  }
}

/** The first line that is not empty, without its end and byte order mark; "" where there is none. */
export async function firstLine(path: string): Promise<string> {
  await checkFile(path);
  const file = createReadStream(path);
  const source = (await isGzipFile(path)) ? file.pipe(createGunzip()) : file;
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const chunk of source) {
      text = (text + decoder.decode(chunk as Uint8Array, { stream: true })).replace(/^[\r\n]+/, "");
      const end = text.search(/[\r\n]/);
      if (end >= 0) return text.slice(0, end);
      if (text.length > 1 << 20)
        throw new UserError(`${path}: its first line is longer than 1 MB; this is no table in text.`);
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${path}: cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)}).`);
  } finally {
    file.destroy();
  }
  return text;
}

/** Refuses a gzip file that is cut short or fails its checksum; DuckDB would read as far as it goes and say nothing. */
export async function checkGzip(path: string): Promise<void> {
  const discard = new Writable({ write: (_chunk, _encoding, next) => next() });
  await pipeline(createReadStream(path), createGunzip(), discard).catch(() => {
    throw new UserError(`${path}: the gzip data is broken or cut short; fetch the file again.`);
  });
}

/** Whether the file begins with gzip's magic bytes. */
export async function isGzipFile(path: string): Promise<boolean> {
  const handle = await open(path);
  try {
    const { buffer } = await handle.read(new Uint8Array(2), 0, 2, 0);
    return isGzip(buffer);
  } finally {
    await handle.close();
  }
}

const isGzip = (bytes: Uint8Array) => bytes[0] === 0x1f && bytes[1] === 0x8b;
