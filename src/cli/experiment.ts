// distilrec experiment EVENTS: variants of an A/B test against their control.

import type { Command } from "commander";
import { UserError } from "../base/errors.ts";
import { compareVariants } from "../evidence/experiments/compare.ts";
import { columnsOf, measuresOf, parseMeasure } from "../evidence/experiments/specs.ts";
import { readUnits } from "../evidence/experiments/units.ts";
import { experimentText } from "../report/people/experiment.ts";
import { answer, collect, finish } from "./answer.ts";
import { level } from "./numbers.ts";
import { readRoleFile } from "./role-file.ts";

export interface ExperimentOptions {
  columns?: string;
  control?: string;
  planned?: string;
  level: number;
  json?: boolean;
}

interface Options extends ExperimentOptions {
  measure: string[];
  anytime?: string[];
}

/** What `experiment` and `satisfaction` share. */
export function addOptions(command: Command): Command {
  return command
    .option("--control <variant>", "what the others are compared with (default: the first by name)")
    .option("--planned <shares>", "planned division of the users, as in old=.9,new=.1 (default: equal)")
    .option("--level <share>", "stated coverage of the intervals", level, 0.95);
}

export function define(command: Command): void {
  command
    .argument("<events>", "CSV, TSV, Parquet or JSON-lines file, a row an event or a user")
    .requiredOption(
      "--measure <what>",
      "clicks (each user's sum), clicks/impressions (a ratio), or minutes~minutes_before (less what the past explains); may be repeated",
      collect,
    )
    .option(
      "--columns <names>",
      "what columns are called in the file, as in user=uid,variant=arm; id finds repeated rows",
    )
    .option(
      "--anytime <measure=difference>",
      "the difference that you expect, fixed beforehand: adds an interval that is valid however often you look; may be repeated",
      collect,
    );
  addOptions(command).action(async (file: string, options: Options) => {
    const specs = options.measure.map(parseMeasure);
    const { needed, all } = columnsOf(specs);
    const clash = all.find((name) => ["user", "variant", "id"].includes(name));
    if (clash !== undefined) throw new UserError(`--measure: "${clash}" is not a measure; name a column of numbers.`);
    const numbers = Object.fromEntries(all.map((name) => [name, "numbers"] as const));
    const roles = { user: "words", variant: "words", id: "words", ...numbers } as const;
    const table = await readRoleFile(file, roles, ["user", "variant", ...all], options.columns);
    const units = readUnits(table, file, needed);
    const found = compareVariants(units, measuresOf(units, specs, file), {
      ...{ level: options.level, control: options.control },
      planned: pairs("--planned", options.planned?.split(","), "old=.9,new=.1"),
      expected: pairs("--anytime", options.anytime, "clicks=.1"),
    });
    answer(options, found, experimentText(found));
  });
  finish(
    command,
    "distilrec experiment events.csv --measure clicks/impressions --measure minutes~minutes_before --control old",
    "distilrec experiment events.csv --columns user=uid,variant=arm --measure orders --anytime orders=.02",
  );
}

/** "old=.9" and so on as numbers above 0 by name. */
export function pairs(
  flag: string,
  parts: readonly string[] | undefined,
  example: string,
): Record<string, number> | undefined {
  if (!parts) return undefined;
  return Object.fromEntries(
    parts.map((part) => {
      const cut = part.lastIndexOf("=");
      const x = Number(part.slice(cut + 1));
      if (cut < 1 || !(x > 0) || !Number.isFinite(x))
        throw new UserError(`${flag}: "${part}" must be NAME=NUMBER above 0, as in ${example}.`);
      return [part.slice(0, cut), x];
    }),
  );
}
