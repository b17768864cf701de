// Numbers on the command line: what they must be is said where they are read, before anything else runs.

import { InvalidArgumentError } from "commander";

/** Reads a number from `least` to `most`, or a whole one. */
export const numberFrom =
  (least: number, most: number, kind: "number" | "whole number" = "number") =>
  (text: string): number => {
    const x = Number(text);
    if (text.trim() !== "" && x >= least && x <= most && (kind === "number" || Number.isInteger(x))) return x;
    const range = most === Number.POSITIVE_INFINITY ? `of at least ${least}` : `from ${least} to ${most}`;
    throw new InvalidArgumentError(`it must be a ${kind} ${range}.`);
  };

/** What every command with intervals takes. */
export const level = numberFrom(0.5, 0.9999);
