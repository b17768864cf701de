// distilrec compress ARTIFACT: passes over a sealed model, measured against it.

import { type Command, InvalidArgumentError } from "commander";
import { UserError } from "../base/errors.ts";
import { holdsForeign } from "../node/artifact-folder.ts";
import type { Budget } from "../pipeline/graphs/mixed-precision.ts";
import { partKinds, wishesOf } from "../pipeline/graphs/parts/part.ts";
import { collect, finish } from "./answer.ts";
import { artifactDraft } from "./artifact-draft.ts";
import { compressGraphFolder, type GraphOptions } from "./compress-graph.ts";
import { numberFrom } from "./numbers.ts";
import { layerStepOf, passOf, stepOf } from "./pass-steps.ts";
import { settle } from "./read-recipe.ts";
import { runAndAnswer } from "./run-recipe.ts";

interface Options extends GraphOptions {
  pass?: string[];
  neurons?: number;
  fields?: number | string[];
  heads?: number | string[];
  experts?: number | string[];
  blocks?: number | string[];
  layers?: string[];
  bytes?: number;
  maxDrop?: number;
  data?: string;
  set?: string[];
}

export function define(command: Command): void {
  command
    .argument("<artifact>", "folder of the sealed model")
    .option("--pass <name>", "a pass, or '{ use: NAME, option: value }'; may be repeated, runs in order", collect)
    .option(
      "--layers <pass>",
      "of a network or an imported graph: a layer pass over its dense layers, or a pass over their weights; may be repeated",
      collect,
    )
    .option(
      "--neurons <share>",
      "of a network or an imported graph: the share of every hidden layer's neurons to take out; 0: those that change no answer",
      Number,
    )
    .option(
      "--fields <share>",
      "of a network or an imported graph: the share of its columns to take out, those that cost least on --rows, or their names, as in weekday,cost; 0: those that change no answer",
      partsFrom,
    )
    .option(
      "--heads <share>",
      "likewise, and of a recommender with an encoder, of the heads of its attentions, which are called after the weight of their queries, as in WEIGHT/0",
      partsFrom,
    )
    .option("--experts <share>", "likewise, of the experts that gates weigh, called after the gate's weight", partsFrom)
    .option(
      "--blocks <share>",
      "likewise, and of a recommender with an encoder, of the blocks that give what they read, in shape (x + f(x), square layers), called after their first weight",
      partsFrom,
    )
    .option(
      "--bytes <count>",
      "of a network or an imported graph, in place of passes: each table and layer in 32, 16, 8 or 4 bits by what that costs on --rows, until model.onnx takes no more",
      numberFrom(1, 2 ** 31, "whole number"),
    )
    .option(
      "--max-drop <drop>",
      "likewise, as few bits as lose no more on --rows: of AUC with --label, else of the logits' standard deviation",
      numberFrom(0, 1),
    )
    .option("--data <recipe>", "recipe whose dataset, clean and split to measure on (default: the model's own)")
    .option("--set <key.path=value>", "change a value, such as evaluate.ks=[10]; may be repeated", collect)
    .option(
      "--rows <file>",
      "of a network or an imported graph: rows to calibrate and to compare its answers on (default: made-up ones)",
    )
    .option("--label <column>", "of these rows the column that holds 0 or 1: measures AUC before and after")
    .option("--threshold <number>", "labels of at least this are 1, the others 0", Number)
    .option("--columns <names>", "what columns are called in that file, as in item_id=movie,country=land")
    .option("--out <folder>", "where results, report and artifacts go (default: runs/<name>-compressed)")
    .action(async (artifact: string, options: Options) => {
      if (await holdsForeign(artifact)) {
        refuseOptions(options, ["data", "set"], "a network or an imported graph is compared on --rows");
        const { pass = [], layers = [], neurons } = options;
        const mixed = budgetOf(options);
        if (mixed) return compressGraphFolder(artifact, { steps: [], mixed }, options);
        if (neurons !== undefined && !(neurons >= 0 && neurons < 1))
          throw new UserError(`--neurons must be a share of at least 0 and below 1, got ${neurons}.`);
        const parts = wishesOf(options);
        if (pass.length + layers.length + Object.keys(parts).length === 0 && neurons === undefined)
          throw new UserError("compress: say how: --pass int8-row for tables, --layers int8-row, or --neurons 0.5.");
        const plan = { steps: pass.map(stepOf), layers: layers.map(layerStepOf), neurons, parts };
        return compressGraphFolder(artifact, plan, options);
      }
      refuseOptions(
        options,
        ["layers", "neurons", "fields", "experts", "bytes", "maxDrop", "rows", "label", "threshold", "columns"],
        "a recommender is measured on --data",
      );
      const draft = await artifactDraft(artifact, options.data);
      const { pass, heads, blocks } = options;
      if (!pass && heads === undefined && blocks === undefined)
        throw new UserError("compress: say how, such as --pass int8-row.");
      const variant = {
        ...{ name: "compressed", of: "teacher" },
        ...(heads !== undefined && { heads }),
        ...(blocks !== undefined && { blocks }),
        ...(pass && { passes: pass.map(passOf) }),
      };
      const raw = { ...draft.raw, name: `${draft.raw["name"]}-compressed`, variants: [variant] };
      const recipe = settle({ ...draft, raw }, options.set);
      await runAndAnswer(recipe, draft.base, options);
    });
  finish(
    command,
    "distilrec compress runs/demo/artifacts/student --pass int4-row --out runs/int4",
    "distilrec compress runs/demo/artifacts/student --pass '{ use: codebook, clusters: 64 }'",
    "distilrec compress runs/dlrm --fields 0.3 --neurons 0.5 --rows clicks.csv --label click --out runs/dlrm-narrow",
    "distilrec compress runs/dlrm --max-drop 0.001 --rows clicks.csv --label click --out runs/dlrm-mixed",
    "distilrec compress runs/dlrm --pass int8-row --layers quantize-static --rows clicks.csv --label click --out runs/dlrm-int8",
  );
}

/** Below 1 a share, else names with commas between them. */
function partsFrom(text: string): number | string[] {
  const share = Number(text);
  if (text.trim() !== "" && share >= 0 && share < 1) return share;
  const names = text.split(",").map((name) => name.trim());
  if (Number.isNaN(share) && names.every((name) => name !== "")) return names;
  throw new InvalidArgumentError("it must be a share of at least 0 and below 1, or names with commas between them.");
}

/** Mixed precision is chosen alone: what other steps would leave is not what was measured. */
function budgetOf(options: Options): Budget | undefined {
  const { bytes, maxDrop } = options;
  if (bytes === undefined && maxDrop === undefined) return undefined;
  if (bytes !== undefined && maxDrop !== undefined)
    throw new UserError("compress: --bytes and --max-drop are two ways to stop; give one of them.");
  refuseOptions(
    options,
    ["pass", "layers", "neurons", ...partKinds],
    "--bytes and --max-drop choose passes themselves",
  );
  if (options.rows === undefined)
    throw new UserError("compress: how many bits a table or layer needs is measured on rows; give some by --rows.");
  return bytes !== undefined ? { bytes } : { maxDrop: maxDrop! };
}

/** An option of the other kind of artifact is a mistake, not a wish. */
function refuseOptions(options: Options, names: readonly (keyof Options)[], why: string): void {
  const given = names.find((name) => options[name] !== undefined);
  if (given) throw new UserError(`--${given === "maxDrop" ? "max-drop" : given}: ${why}; leave it out.`);
}
