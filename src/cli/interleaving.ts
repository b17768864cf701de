// distilrec interleaving CLICKS: which of two rankings people prefer, from lists that mixed both.

import type { Command } from "commander";
import { readInterleaved } from "../evidence/experiments/interleaved-rows.ts";
import { interleavingText } from "../report/people/experiment.ts";
import { answer, finish } from "./answer.ts";
import { level } from "./numbers.ts";
import { readRoleFile } from "./role-file.ts";

interface Options {
  columns?: string;
  balanced?: boolean;
  level: number;
  json?: boolean;
}

export function define(command: Command): void {
  command
    .argument("<clicks>", "CSV, TSV, Parquet or JSON-lines file, a row a click: user, list, team")
    .option("--columns <names>", "what columns are called in the file, as in user=uid,list=request,team=ranker")
    .option("--balanced", "the lists were balanced: columns first and second have the item's place in each ranking")
    .option("--level <share>", "stated coverage of the interval", level, 0.95)
    .action(async (file: string, options: Options) => {
      const roles = options.balanced
        ? ({ user: "words", list: "words", id: "words", first: "numbers", second: "numbers" } as const)
        : ({ user: "words", list: "words", id: "words", team: "words" } as const);
      const needed = Object.keys(roles).filter((name) => name !== "id");
      const found = readInterleaved(await readRoleFile(file, roles, needed, options.columns), file, options.level);
      answer(options, found, interleavingText(found, options.level));
    });
  finish(
    command,
    "distilrec interleaving clicks.csv --columns user=uid,list=request,team=ranker",
    "distilrec interleaving clicks.csv --balanced",
  );
}
