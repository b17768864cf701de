// Steps of a compression as options of the command line spell them: a name, or '{ use: NAME, option: value }'.

import { parse } from "yaml";
import { UserError } from "../base/errors.ts";
import type { PassStep } from "../pipeline/compress.ts";
import type { LayerStep } from "../pipeline/graphs/pack-graph.ts";
import { registry } from "../pipeline/registry.ts";

/** A step over tables, as --pass spells it. */
export function stepOf(text: string, i: number): PassStep {
  const { use, ...options } = namedPass(text, "--pass");
  return { pass: registry.find("pass", use, `passes[${i}]`), options };
}

/** A step over dense layers, as --layers spells it. */
export function layerStepOf(text: string, i: number): LayerStep {
  const { use, ...options } = namedPass(text, "--layers");
  return { pass: registry.findForLayers(use, `layers[${i}]`), options };
}

function namedPass(text: string, flag: string): Record<string, unknown> & { use: string } {
  const given = passOf(text);
  const step = (typeof given === "object" && given !== null ? given : {}) as Record<string, unknown>;
  const { use } = step;
  if (typeof use !== "string") throw new UserError(`${flag} ${text}: it names no pass; write '{ use: int8-row }'.`);
  return { ...step, use };
}

/** A name, or a name with options. */
export function passOf(text: string): unknown {
  if (/^[\w-]+$/.test(text)) return { use: text };
  try {
    return parse(text);
  } catch {
    throw new UserError(`--pass ${text}: give a name such as int4-row, or '{ use: NAME, option: value }'.`);
  }
}
