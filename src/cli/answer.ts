// What every command shares: the --json switch and the one place where results are printed.

import type { Command } from "commander";

/** Adds --json and an example to a command's help. */
export function finish(command: Command, ...examples: string[]): Command {
  return command
    .option("--json", "print one JSON document on stdout instead of text")
    .addHelpText("after", `\nExample:\n${examples.map((line) => `  ${line}\n`).join("")}`);
}

/** Prints a command's result: `value` as JSON, or `text`. */
export function answer(options: { json?: boolean }, value: unknown, text: string): void {
  process.stdout.write(`${options.json ? JSON.stringify(value, null, 2) : text}\n`);
}

/** For an option that may be given several times. */
export const collect = (value: string, before: string[] = []): string[] => [...before, value];
