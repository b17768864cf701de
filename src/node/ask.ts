// Asks a JSON service over HTTP: one question, one answer, with a limit of time, pauses between attempts and a limit of
// size. What cannot be helped by asking again is one sentence at once.

import { setTimeout as pause } from "node:timers/promises";
import { UserError } from "../base/errors.ts";
import { formatSeconds } from "../base/format.ts";
import type { AskOptions } from "../pipeline/surroundings.ts";

const largestAnswer = 2 ** 24;
/** Seconds before the second attempt; twice as long before each further one. */
const firstPause = 0.25;
const longestPause = 60;

/** What came instead of an answer, and whether it may pass. */
interface Failure {
  readonly why: string;
  readonly passing: boolean;
  /** Seconds that the server asks to wait. */
  readonly wait?: number;
}

/** POSTs `question` as JSON and returns the JSON of the answer; a failure that lasts is a UserError. */
export async function askJson(url: string, question: unknown, options: AskOptions): Promise<unknown> {
  for (let attempt = 0; ; attempt++) {
    const got = await once(url, question, options);
    if ("answer" in got) return got.answer;
    options.signal.throwIfAborted();
    if (!got.passing) throw new UserError(`${url}: ${got.why}; correct the address or the service.`);
    if (attempt >= options.retries) {
      const tried = attempt > 0 ? ` after ${attempt + 1} attempts` : "";
      throw new UserError(`${url}: ${got.why}${tried}; see to the service and run the same command again to go on.`);
    }
    const seconds = Math.min(longestPause, Math.max(firstPause * 2 ** attempt, got.wait ?? 0));
    await pause(seconds * 1e3, undefined, { signal: options.signal }).catch(() => options.signal.throwIfAborted());
  }
}

async function once(
  url: string,
  question: unknown,
  { timeout, signal }: AskOptions,
): Promise<Failure | { readonly answer: unknown }> {
  try {
    const response = await fetch(url, {
      ...{ method: "POST", redirect: "manual", headers: { "content-type": "application/json" } },
      ...{ body: JSON.stringify(question), signal: AbortSignal.any([signal, AbortSignal.timeout(timeout * 1e3)]) },
    });
    if (!response.ok) {
      await response.body?.cancel();
      const wait = Number(response.headers.get("retry-after"));
      const passing = response.status >= 500 || [408, 425, 429].includes(response.status);
      return { why: `answered ${response.status}`, passing, ...(wait > 0 && { wait }) };
    }
    const text = await textOf(response);
    if (text === undefined) return { why: `its answer is larger than ${largestAnswer} bytes`, passing: false };
    try {
      return { answer: JSON.parse(text) };
    } catch {
      return { why: `its answer is not JSON (it starts "${text.slice(0, 40).replace(/\s+/g, " ")}")`, passing: false };
    }
  } catch (error) {
    const { name, cause } = error as { name?: string; cause?: { code?: string } };
    const late = name === "TimeoutError";
    return {
      why: late ? `gave no answer within ${formatSeconds(timeout)}` : `cannot be reached (${cause?.code ?? "cut off"})`,
      passing: true,
    };
  }
}

/** The body; undefined where it is too large. */
async function textOf({ body }: Response): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let [text, bytes] = ["", 0];
  for await (const chunk of body ?? []) {
    bytes += (chunk as Uint8Array).length;
    if (bytes > largestAnswer) return undefined;
    text += decoder.decode(chunk as Uint8Array, { stream: true });
  }
  return text + decoder.decode();
}
