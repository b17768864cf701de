// distilrec compress ARTIFACT: passes over a sealed model, measured against it.

import type { Command } from "commander";
import { parse } from "yaml";
import { UserError } from "../base/errors.ts";
import { collect, finish } from "./answer.ts";
import { artifactDraft } from "./artifact-draft.ts";
import { settle } from "./read-recipe.ts";
import { runAndAnswer } from "./run-recipe.ts";

interface Options {
  pass: string[];
  data?: string;
  out?: string;
  set?: string[];
  json?: boolean;
}

export function define(command: Command): void {
  command
    .argument("<artifact>", "folder of the sealed model")
    .requiredOption(
      "--pass <name>",
      "a pass, or '{ use: NAME, option: value }'; may be repeated, runs in order",
      collect,
    )
    .option("--data <recipe>", "recipe whose dataset, clean and split to measure on (default: the model's own)")
    .option("--set <key.path=value>", "change a value, such as evaluate.ks=[10]; may be repeated", collect)
    .option("--out <folder>", "where results, report and artifacts go (default: runs/<name>-compressed)")
    .action(async (artifact: string, options: Options) => {
      const draft = await artifactDraft(artifact, options.data);
      const variant = { name: "compressed", of: "teacher", passes: options.pass.map(passOf) };
      const raw = { ...draft.raw, name: `${draft.raw["name"]}-compressed`, variants: [variant] };
      const recipe = settle({ ...draft, raw }, options.set);
      await runAndAnswer(recipe, draft.base, options);
    });
  finish(
    command,
    "distilrec compress runs/demo/artifacts/student --pass int4-row --out runs/int4",
    "distilrec compress runs/demo/artifacts/student --pass '{ use: codebook, clusters: 64 }'",
  );
}

function passOf(text: string): unknown {
  if (/^[\w-]+$/.test(text)) return { use: text };
  try {
    return parse(text);
  } catch {
    throw new UserError(`--pass ${text}: give a name such as int4-row, or '{ use: NAME, option: value }'.`);
  }
}
