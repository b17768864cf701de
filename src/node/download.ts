// Fetching one file: from an address with resume, or from a mirror folder. Bytes gather in NAME.part; only when size and
// SHA-256 are right does the file get its name, so what has its name is whole.

import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { UserError } from "../base/errors.ts";
import { formatCount } from "../base/format.ts";

export interface Wanted {
  /** An http(s) address, or a path of this machine. */
  readonly from: string;
  readonly to: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Told the bytes that are there so far. */
  progress(done: number): void;
}

/** Fetches, verifies and names the file. After a cut the next call goes on where it broke off; a wrong file is removed. */
export async function download(wanted: Wanted): Promise<void> {
  const { to, bytes, sha256 } = wanted;
  const part = `${to}.part`;
  await mkdir(dirname(to), { recursive: true }).catch((error) => refuse(dirname(to), error));
  const done = await sizeOf(part);
  if (done > bytes) await rm(part, { force: true });
  if (done !== bytes) await receive(wanted, part, done > bytes ? 0 : done);
  const got = await sizeOf(part);
  if (got < bytes) {
    throw new UserError(
      `${wanted.from}: the transfer ended after ${formatCount(got)} of ${formatCount(bytes)} bytes; run the same command again to go on from there.`,
    );
  }
  const hash = await hashOf(part);
  if (hash !== sha256) {
    await rm(part, { force: true });
    throw new UserError(
      `${wanted.from}: not the file that was expected: SHA-256 is ${hash}, should be ${sha256}; it was removed, run the command again or use another mirror.`,
    );
  }
  await rename(part, to);
}

/** SHA-256 of a file, in hex. */
export async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

async function receive({ from, bytes, progress }: Wanted, part: string, have: number): Promise<void> {
  const { body, at } = /^https?:/i.test(from) ? await request(from, have) : await local(from, have);
  let done = at;
  progress(done);
  const counted = new Transform({
    transform(chunk: Uint8Array, _encoding, next) {
      done += chunk.length;
      progress(Math.min(done, bytes));
      next(
        done > bytes
          ? new UserError(`${from}: sends more than the ${formatCount(bytes)} bytes expected; use another mirror.`)
          : null,
        chunk,
      );
    },
  });
  try {
    await pipeline(untilCut(body), counted, createWriteStream(part, { flags: at > 0 ? "a" : "w" }));
  } catch (error) {
    if (error instanceof UserError) {
      await rm(part, { force: true });
      throw error;
    }
    refuse(part, error as NodeJS.ErrnoException);
  }
}

/** What arrives of a body: a broken connection is its end, so that all of it is kept for the next call. */
async function* untilCut(body: Readable): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of body) yield chunk as Uint8Array;
  } catch {
    // download() sees that bytes are missing and says so.
  }
}

/** The body from byte `have` on, or from 0 where the server cannot resume. */
async function request(from: string, have: number): Promise<{ body: Readable; at: number }> {
  const response = await fetch(from, have > 0 ? { headers: { range: `bytes=${have}-` } } : {}).catch((error) => {
    const cause = (error as { cause?: { code?: string } }).cause?.code ?? "no answer";
    throw new UserError(
      `${from}: cannot be reached (${cause}); check the network, or set DISTILREC_MIRROR to a mirror.`,
    );
  });
  if (response.status === 416 && have > 0) {
    await response.body?.cancel();
    return request(from, 0);
  }
  if (!response.ok || !response.body) {
    await response.body?.cancel();
    throw new UserError(
      `${from}: the server answered ${response.status} ${response.statusText}; try again later, or set DISTILREC_MIRROR to a mirror.`.replace(
        "  ",
        " ",
      ),
    );
  }
  const range = /^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "");
  const at = response.status === 206 && Number(range?.[1]) === have ? have : 0;
  if (response.status === 206 && have > 0 && at !== have) {
    await response.body.cancel();
    return request(from, 0);
  }
  return { body: Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]), at };
}

async function local(from: string, have: number): Promise<{ body: Readable; at: number }> {
  const found = await stat(from).catch(() => undefined);
  if (!found?.isFile()) {
    throw new UserError(`${from}: the mirror has no such file; put it there or unset DISTILREC_MIRROR.`);
  }
  return { body: createReadStream(from, { start: have }), at: have };
}

const sizeOf = (path: string) =>
  stat(path).then(
    (found) => found.size,
    () => 0,
  );

function refuse(path: string, error: NodeJS.ErrnoException): never {
  throw new UserError(
    `${path}: cannot be written (${error.code ?? error.message}); make room or choose another folder.`,
  );
}
