// Which commands there are. A command's file exports `define`, which adds its arguments, options and action.

import { readFileSync } from "node:fs";
import { Command } from "commander";

interface Entry {
  readonly name: string;
  readonly summary: string;
  load(): Promise<{ define(command: Command): void }>;
}

export const commands: readonly Entry[] = [
  {
    name: "demo",
    summary: "Run the whole flow on a generated world, in about a minute.",
    load: () => import("./demo.ts"),
  },
  {
    name: "run",
    summary: "Run a recipe: from interactions or clicks to small, measured, sealed models.",
    load: () => import("./run.ts"),
  },
  { name: "train", summary: "Fit and measure one model.", load: () => import("./train.ts") },
  { name: "distill", summary: "Fit a small model to a sealed one.", load: () => import("./distill.ts") },
  {
    name: "import",
    summary: "Make an artifact of an ONNX model that something else trained.",
    load: () => import("./import.ts"),
  },
  {
    name: "finetune",
    summary: "Train a network or an imported graph further on labelled rows, alone or with a teacher.",
    load: () => import("./finetune.ts"),
  },
  {
    name: "calibrate",
    summary: "Make the probabilities of a network or an imported graph rates, on labelled rows.",
    load: () => import("./calibrate.ts"),
  },
  {
    name: "compress",
    summary: "Make a sealed model's tables smaller and measure what that costs.",
    load: () => import("./compress.ts"),
  },
  { name: "evaluate", summary: "Measure a sealed model by full ranking.", load: () => import("./evaluate.ts") },
  {
    name: "off-policy",
    summary: "Estimate the click-through rate that a model would have had on a log with propensities.",
    load: () => import("./off-policy.ts"),
  },
  {
    name: "experiment",
    summary: "Compare the variants of an A/B test: differences, intervals, and whether they can be believed.",
    load: () => import("./experiment.ts"),
  },
  {
    name: "interleaving",
    summary: "Say which of two rankings people prefer, from clicks on lists that mixed both.",
    load: () => import("./interleaving.ts"),
  },
  {
    name: "satisfaction",
    summary: "Compare what people answered, and how long and how soon again they stayed, by variant.",
    load: () => import("./satisfaction.ts"),
  },
  {
    name: "compare",
    summary: "Say whether one sealed model is worse than another by more than a margin, and how near it is.",
    load: () => import("./compare.ts"),
  },
  {
    name: "verify",
    summary: "Open and measure everything of a run again, and say what differs from its results.",
    load: () => import("./verify.ts"),
  },
  { name: "report", summary: "Write a run's report.html again.", load: () => import("./report.ts") },
  { name: "data", summary: "Download known data sets and look into any.", load: () => import("./data.ts") },
  {
    name: "doctor",
    summary: "Say why a model is not smaller or faster, and what mends it.",
    load: () => import("./doctor.ts"),
  },
  {
    name: "export",
    summary: "Write a model as ONNX in the forms that are measured to be the fastest.",
    load: () => import("./export.ts"),
  },
  { name: "inspect", summary: "Verify an artifact and say what is in it.", load: () => import("./inspect.ts") },
  {
    name: "serve",
    summary: "Answer recommendation requests over HTTP from an artifact.",
    load: () => import("./serve.ts"),
  },
  { name: "recommend", summary: "Answer one request from an artifact.", load: () => import("./recommend.ts") },
  {
    name: "score",
    summary: "Score the rows of a table with a network or an imported graph.",
    load: () => import("./score.ts"),
  },
  {
    name: "methods",
    summary: "List datasets, click logs, splits, models, networks, losses, passes, metrics and estimators.",
    load: () => import("./methods.ts"),
  },
];

/** The program with the commands in `wanted` loaded and the others named. */
export async function createProgram(wanted: readonly string[]): Promise<Command> {
  const program = new Command("distilrec")
    .description("Makes recommenders small enough to run anywhere, and proves that nothing that matters was lost.")
    .version(version(), "--version", "print the version")
    .configureOutput({ outputError: () => {} })
    .configureHelp({ helpWidth: 100 })
    .exitOverride();
  for (const { name, summary, load } of commands) {
    const command = program.command(name).description(summary);
    if (wanted.includes(name)) (await load()).define(command);
  }
  return program;
}

const version = (): string =>
  (JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string }).version;
