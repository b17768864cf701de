// distilrec off-policy LOG: the click-through rate that an artifact, or any policy, would have had.

import { basename } from "node:path";
import type { Command } from "commander";
import { UserError } from "../base/errors.ts";
import { createRng } from "../base/rng.ts";
import { logColumns, readLog } from "../evidence/off-policy/log.ts";
import { openArtifactFolder } from "../node/artifact-folder.ts";
import { openKernels } from "../node/threads.ts";
import { offPolicyOfArtifacts, offPolicyOfColumn } from "../pipeline/people/off-policy.ts";
import { registry } from "../pipeline/registry.ts";
import { offPolicyText } from "../report/people/off-policy.ts";
import { answer, collect, finish } from "./answer.ts";
import { level, numberFrom } from "./numbers.ts";
import { readRoleFile } from "./role-file.ts";

interface Options {
  columns?: string;
  propensity?: number;
  artifact?: string;
  against?: string;
  slots?: number;
  softmax?: number;
  among: string;
  estimator?: string[];
  set?: string[];
  level: number;
  replicates: number;
  seed: string;
  json?: boolean;
}

const roles = Object.keys(logColumns).join(", ");

export function define(command: Command): void {
  command
    .argument("<log>", "CSV, TSV, Parquet or JSON-lines file, one row an item shown")
    .option("--columns <names>", `what columns are called in the file, as in reward=click,user=uid; of ${roles}`)
    .option(
      "--propensity <share>",
      "the chance of every row, where the log was made evenly at random",
      numberFrom(0, 1),
    )
    .option("--artifact <folder>", "a sealed model: what it would have shown (default: the column `chosen`)")
    .option("--against <folder>", "another, such as its teacher; says by how much the first is better")
    .option(
      "--slots <count>",
      "the model shows so many items at once, the best (default: 1)",
      numberFrom(1, 1000, "whole number"),
    )
    .option("--softmax <temperature>", "or draws an item by softmax of scores / temperature", numberFrom(1e-6, 1e6))
    .option("--among <items>", "what the model may show: all items, or logged ones alone", "all")
    .option("--estimator <name>", "one of distilrec methods estimator; may be repeated (default: all)", collect)
    .option("--set <name.option=value>", "an estimator's option, such as clipped-ips.cap=10; may be repeated", collect)
    .option("--level <share>", "stated coverage of the intervals", level, 0.95)
    .option("--replicates <count>", "resamples of the bootstrap", numberFrom(100, 1e5, "whole number"), 1000)
    .option("--seed <text>", "of the bootstrap and of the model's folds", "1")
    .action(async (file: string, options: Options) => {
      const { columns, propensity, artifact, against, slots, softmax, among } = options;
      if (against !== undefined && artifact === undefined) throw new UserError("--against: give --artifact, too.");
      if (slots !== undefined && softmax !== undefined) throw new UserError("--softmax: give it or --slots, not both.");
      if (among !== "all" && among !== "logged")
        throw new UserError(`--among: it must be all or logged, got "${among}".`);
      const needed = ["item", "reward", ...(propensity === undefined ? ["propensity"] : [])];
      if (artifact === undefined) needed.push("chosen");
      const log = readLog(await readRoleFile(file, logColumns, needed, columns), file, propensity);
      const settings = {
        estimators: estimatorsOf(options),
        ...{ level: options.level, replicates: options.replicates, rng: createRng(options.seed) },
      };
      if (artifact === undefined) {
        const found = offPolicyOfColumn(log, settings);
        return answer(options, found, offPolicyText(found));
      }
      const folders = against === undefined ? [artifact] : [artifact, against];
      const artifacts = await Promise.all(
        folders.map(async (folder) => ({
          name: basename(folder),
          artifact: await openArtifactFolder(folder, { needs: "all" }),
        })),
      );
      const shows = softmax === undefined ? { slots: slots ?? 1 } : { temperature: softmax };
      const choice = { shows, amongLogged: among === "logged" };
      const found = offPolicyOfArtifacts(log, artifacts, await openKernels(1), choice, settings);
      answer(options, found, offPolicyText(found));
    });
  finish(
    command,
    "distilrec off-policy shown.csv --columns reward=click,user=user_id --artifact runs/demo/artifacts/student-int4 --against runs/demo/artifacts/teacher --slots 10",
    "distilrec off-policy shown.csv --columns chosen=new_policy --propensity 0.0294",
  );
}

/** The estimators that are asked for, each with its options. */
function estimatorsOf({ estimator, set = [] }: Options) {
  const names = estimator ?? registry.estimator.map(({ name }) => name);
  const given = new Map<string, Record<string, number>>();
  for (const setting of set) {
    const [, name, option, value] = /^([^.=]+)\.([^=]+)=(.+)$/.exec(setting) ?? [];
    if (!name || !option || !value)
      throw new UserError(`--set: "${setting}" must be NAME.OPTION=VALUE, as in clipped-ips.cap=10.`);
    if (!names.includes(name))
      throw new UserError(`--set ${setting}: "${name}" is not among the estimators ${names.join(", ")}.`);
    given.set(name, { ...given.get(name), [option]: Number(value) });
  }
  return [...new Set(names)].map((use) => ({ use, options: given.get(use) }));
}
