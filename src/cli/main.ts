#!/usr/bin/env node
// The command line: a table of commands, each in its own file and loaded only when asked for. Results go to stdout,
// progress and errors to stderr. Exit 0: done; 2: something the user can fix, in one sentence; 1: a bug of ours, or
// a comparison or verification that failed.

import { type Command, CommanderError } from "commander";
import { UserError } from "../base/errors.ts";
import { commands, createProgram } from "./program.ts";

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

const given = process.argv.slice(2);
try {
  const program: Command = await createProgram(
    commands.filter(({ name }) => given.includes(name)).map(({ name }) => name),
  );
  if (given.length === 0) program.outputHelp();
  else await program.parseAsync(process.argv);
} catch (error) {
  process.exitCode = explain(error);
}

function explain(error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    if (error.code === "commander.help") return 2;
    process.stderr.write(`${oneSentence(error.message)}\n`);
    return 2;
  }
  const outOfMemory = error instanceof RangeError && error.message.startsWith("kernel memory");
  if (error instanceof UserError || outOfMemory) {
    process.stderr.write(`${printable(error.message)}\n`);
    return 2;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(
    `${text}\n${text.includes("This is a bug") ? "" : "This is a bug in distilrec. "}Please report it with the command and the lines above.\n`,
  );
  return 1;
}

/** One line without the characters that steer a terminal: a message may quote what a file holds. */
function printable(message: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to replace
  return message.replace(/[\u0000-\u001f\u007f-\u009f]/g, " ");
}

function oneSentence(message: string): string {
  const value = /^error: option '.*(--[a-z]+).*' argument '(.*)' is invalid\. it (.*)\.$/.exec(message);
  if (value) return `${value[1]}: it ${value[3]}, got ${value[2]}.`;
  const text = message.replace(/^error: /, "").replace(/\n\(Did you mean (.*)\?\)$/, '. Did you mean "$1"?');
  const sentence = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.?]$/.test(sentence) ? sentence : `${sentence}. See distilrec --help.`;
}
