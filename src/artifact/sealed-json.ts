// A JSON object that tells whether it was changed: its last field, "seal", is the SHA-256 of the text before that field.
// Fields are checked by hand and not by zod: pages read manifests, and zod is larger than all of their code.

import { UserError } from "../base/errors.ts";
import { sha256 } from "../base/sha256.ts";
import { manifestPath } from "./paths.ts";

/** What to do with a folder of another of our formats. */
const advice: Readonly<Record<string, string>> = {
  "distilrec-artifact": "it is a recommender, which distilrec recommend asks",
  "distilrec-graph": "it is a graph, for distilrec inspect and distilrec score",
};

/** A test for each field that must be there. */
export type Fields = Readonly<Record<string, (value: unknown) => boolean>>;

/** The sealed bytes of an object. */
export function sealJson(value: object): Uint8Array {
  const body = JSON.stringify(value);
  return new TextEncoder().encode(`${body.slice(0, -1)},"seal":"${sha256(body)}"}`);
}

/** The object in these bytes; one that is changed, of another format or version 1, or incomplete is a UserError. */
export function openSealed(bytes: Uint8Array, format: string, fields: Fields): Record<string, unknown> {
  const { seal, body, value } = parse(bytes);
  if (value["format"] !== format) {
    const other = advice[String(value["format"])];
    const got = `format must be "${format}", got ${show(value["format"])}`;
    throw new UserError(`${manifestPath}: ${got}; ${other ?? "open another folder"}.`);
  }
  if (value["version"] !== 1) {
    const cure = "open it with the distilrec that wrote it, or seal it again";
    throw new UserError(`${manifestPath}: this distilrec reads version 1, got ${show(value["version"])}; ${cure}.`);
  }
  if (seal !== sha256(body)) {
    throw new UserError(`${manifestPath}: it does not match its own seal; copy the artifact again.`);
  }
  const { seal: _, ...sealed } = value;
  for (const [field, test] of Object.entries(fields)) {
    if (!test(sealed[field])) {
      throw new UserError(`${manifestPath}: "${field}" is ${show(sealed[field])}, which cannot be; seal it again.`);
    }
  }
  return sealed;
}

function parse(bytes: Uint8Array): { seal: string; body: string; value: Record<string, unknown> } {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const value: unknown = JSON.parse(text);
    if (!isObject(value)) throw new TypeError("not an object");
    const [, body = "", seal = ""] = /^(.*),"seal":"([0-9a-f]{64})"\}$/s.exec(text) ?? [];
    return { seal, body: `${body}}`, value };
  } catch {
    throw new UserError(`${manifestPath}: it is not a JSON object in UTF-8; copy the artifact again.`);
  }
}

export const isObject = (v: unknown): v is Record<string, unknown> =>
  typeof v === "object" && v !== null && !Array.isArray(v);
export const isText = (v: unknown): v is string => typeof v === "string";
export const isCount = (v: unknown): v is number => Number.isSafeInteger(v) && (v as number) >= 0;

/** A value as errors quote it. */
export const show = (v: unknown): string => (v === undefined ? "missing" : (JSON.stringify(v) ?? "").slice(0, 80));
