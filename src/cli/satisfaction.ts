// distilrec satisfaction LOG: what people answered, and what their behaviour suggests, by variant.

import { type Command, Option } from "commander";
import { UserError } from "../base/errors.ts";
import { compareVariants } from "../evidence/experiments/compare.ts";
import { dwellMeasure, readSurvey, returnMeasure, scales } from "../evidence/experiments/satisfaction.ts";
import { readUnits } from "../evidence/experiments/units.ts";
import { satisfactionText } from "../report/people/experiment.ts";
import { answer, finish } from "./answer.ts";
import { addOptions, type ExperimentOptions, pairs } from "./experiment.ts";
import { numberFrom } from "./numbers.ts";
import { readRoleFile } from "./role-file.ts";

interface Options extends ExperimentOptions {
  survey?: string;
  scale?: keyof typeof scales;
  surveyColumns?: string;
  dwell: number;
  return: number;
}

export function define(command: Command): void {
  command
    .argument("<log>", "CSV, TSV, Parquet or JSON-lines file: who was in which variant, and what they did")
    .option("--columns <names>", "what columns are called in the log, of user, variant, id, time and dwell (seconds)")
    .option("--survey <file>", "answers: a file with the columns user and answer")
    .option("--survey-columns <names>", "what columns are called in the survey, as in user=uid,answer=score")
    .addOption(
      new Option("--scale <name>", "csat (1 to 5), nps (0 to 10) or likert (1 to 5)").choices(Object.keys(scales)),
    )
    .option("--dwell <seconds>", "a click that keeps people so long is a satisfied one", numberFrom(1, 86_400), 30)
    .option("--return <days>", "who visits again within so many days has come back", numberFrom(1, 365), 7);
  addOptions(command).action(async (file: string, options: Options) => {
    const { survey, scale, columns = "" } = options;
    if (survey !== undefined && scale === undefined)
      throw new UserError("--scale: say what the answers are: csat, nps or likert.");
    if (survey === undefined && scale !== undefined)
      throw new UserError("--scale: it belongs to a --survey; name its file.");
    const roles = { user: "words", variant: "words", id: "words", time: "times", dwell: "numbers" } as const;
    const table = await readRoleFile(file, roles, ["user", "variant"], options.columns);
    const units = readUnits(table, file, table.columns.has("time") ? ["time"] : []);
    const answers = survey === undefined ? undefined : await answersOf(survey, options.surveyColumns);
    const asked = answers && readSurvey(answers, survey!, units, scale!);
    const proxies = [
      ...(table.columns.has("dwell") ? [dwellMeasure(units, options.dwell)] : []),
      ...(table.columns.has("time") ? [returnMeasure(units, options.return)] : []),
    ];
    if (!asked && proxies.length === 0) {
      throw new UserError(
        `${file}: nothing to measure${columns && ` with --columns ${columns}`}; give a --survey, or name the columns time or dwell.`,
      );
    }
    const settings = {
      ...{ level: options.level, control: options.control },
      planned: pairs("--planned", options.planned?.split(","), "old=.9,new=.1"),
    };
    const compared = compareVariants(units, [...(asked ? [asked.measure] : []), ...proxies], settings);
    const found = asked?.mismatch.refused === undefined ? compared : withoutAnswers(compared, asked.mismatch.refused);
    const { measure: _, ...said } = asked ?? { measure: undefined };
    const response = asked && (said as Omit<typeof asked, "measure">);
    answer(options, { ...found, ...(response && { survey: response }) }, satisfactionText(found, response));
  });
  finish(
    command,
    "distilrec satisfaction log.csv --survey answers.csv --scale csat --control old",
    "distilrec satisfaction log.csv --columns user=uid,variant=arm,time=at,dwell=seconds",
  );
}

const answersOf = (file: string, columns: string | undefined) =>
  readRoleFile(file, { user: "words", answer: "numbers", id: "words" }, ["user", "answer"], columns);

/** The comparison with the survey's differences, its first measure's, refused. */
function withoutAnswers<T extends ReturnType<typeof compareVariants>>(found: T, refused: string): T {
  const [first, ...others] = found.measures;
  const differences = first!.differences.map(({ variant }) => ({ variant, refused }));
  return { ...found, measures: [{ ...first!, differences }, ...others] };
}
