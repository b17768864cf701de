// The blocks of docs/engine.md: a small model before and after it became a training graph, and the operators' table.

import { readdirSync, readFileSync } from "node:fs";
import { z } from "zod";
import { gradientRules } from "../../src/autodiff/rules/index.ts";
import { createRng } from "../../src/base/rng.ts";
import { binaryCrossEntropy } from "../../src/engine/objectives/pointwise.ts";
import { graphOptimizer } from "../../src/engine/optimizers/optimizer.ts";
import { optimizerOptions } from "../../src/engine/optimizers/options.ts";
import { scheduleOptions } from "../../src/engine/schedule.ts";
import { tableOptimizerOptions } from "../../src/engine/tables/options.ts";
import { trainableModel } from "../../src/engine/training/trainable.ts";
import { trainingGraph } from "../../src/engine/training/training-graph.ts";
import { buildGraph } from "../../src/graph/builder.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { inferGraph } from "../../src/graph/infer/index.ts";
import { opsOn } from "../../src/graph/ops.ts";
import { printGraph } from "../../src/graph/print.ts";
import { float32 } from "../../src/graph/tensor.ts";
import { typedBuilder } from "../../src/graph/typed-builder.ts";
import { withBlocks } from "./blocks.ts";
import type { Generated } from "./index.ts";

const BATCH = 64;
const families = "src/graph/infer";

export async function enginePage(): Promise<Generated[]> {
  const before = smallModel();
  const after = stepOf(before);
  return [
    withBlocks("docs/engine.md", {
      before: fence(printGraph(before)),
      after: fence(sections(after.graph, printGraph(after.graph, inferGraph(after.graph, { batch: BATCH }).types))),
      operators: await operators(),
      optimizers: choices(optimizerOptions),
      "table optimizers": choices(tableOptimizerOptions),
      schedules: choices(scheduleOptions),
      rule: quote("src/autodiff/rules/softmax.ts"),
      "rule's test": quote("src/autodiff/rules/softmax.test.ts"),
    }),
  ];
}

/** A file of the repository as it is; the docs tests know by "from" that it is checked elsewhere. */
const quote = (path: string): string => `\`\`\`ts from ${path}\n${readFileSync(path, "utf8")}\`\`\`\n`;

/** One row a choice: its name, and its options with their default numbers. */
function choices(options: z.ZodType): string {
  const { oneOf } = z.toJSONSchema(options, { io: "input" }) as { oneOf: { properties: Record<string, Option> }[] };
  const rows = oneOf.map(({ properties: { use, ...own } }) => {
    const list = Object.entries(own).map(([name, { default: usual }]) =>
      typeof usual === "number" ? `\`${name}\` ${usual}` : `\`${name}\``,
    );
    return `| \`${use!.const}\` | ${list.join(", ") || "–"} |\n`;
  });
  return `| \`use\` | options and their defaults |\n|---|---|\n${rows.join("")}`;
}

/** What we read of a JSON Schema. */
interface Option {
  readonly const?: string;
  readonly default?: unknown;
}

const fence = (text: string): string => `\`\`\`text\n${text}\`\`\`\n`;

/** Two ids a row, embedded; a hidden layer; one logit. */
function smallModel(): Graph {
  const { graph } = buildGraph("small", 21);
  const g = opsOn(typedBuilder(graph, { batch: BATCH }));
  const rng = createRng("small");
  const weight = (name: string, rows: number, columns: number) =>
    g.constant(
      name,
      float32(
        [rows, columns],
        Float32Array.from({ length: rows * columns }, () => rng.normal() / 4),
      ),
    );
  const rows = g.gather(weight("table", 1000, 8), g.input("ids", "int64", ["batch", 2]), 0);
  const x = g.node("Dropout", [g.reshape(rows, [0, -1]), g.scalar(0.1)]);
  const hidden = g.relu(g.matmul(x, weight("w1", 16, 32)));
  g.output(g.squeeze(g.matmul(hidden, weight("w2", 32, 1)), 1), "logits", ["batch"]);
  return graph;
}

const stepOf = (graph: Graph) =>
  trainingGraph(
    {
      model: trainableModel(graph),
      objective: (g, { logits }) => binaryCrossEntropy(g, logits!, g.input("label", "float32", ["batch"])),
      optimizer: graphOptimizer(optimizerOptions.parse({ use: "adagrad" })),
      accumulate: 1,
    },
    { batch: BATCH },
  );

/** The printed lines with a heading where each part of the step begins. */
function sections(graph: Graph, text: string): string {
  const producer = (value: string) => graph.nodes.findIndex(({ outputs }) => outputs.includes(value));
  const loss = producer(graph.nodes[producer("loss")]!.inputs[0]!);
  const starts = new Map([
    [0, "forward"],
    [producer("logits") + 1, "loss"],
    [loss + 1, "backward"],
    [producer("loss") + 1, "update"],
    [graph.nodes.findIndex(({ outputs }) => outputs[0]!.endsWith(".gradient")), "gradients of the rows"],
  ]);
  const titles = new Map([...starts].map(([at, title]) => [`  %${graph.nodes[at]!.outputs[0]}:`, title]));
  return text.replace(/^ {2}%\S+:/gm, (line) => (titles.has(line) ? `\n  # ${titles.get(line)}\n${line}` : line));
}

/** One row a family of operators: those with a gradient, those with types and shapes alone. */
async function operators(): Promise<string> {
  const rows: string[] = [];
  const seen = new Set<string>();
  for (const file of readdirSync(families).sort()) {
    if (!file.endsWith(".ts") || file.endsWith(".test.ts")) continue;
    const exported = (await import(`../../${families}/${file}`)) as Record<string, unknown>;
    const ops = Object.keys(exported)
      .filter((name) => /^[A-Z]/.test(name))
      .sort();
    if (ops.length === 0) continue;
    const foreign = file === "microsoft.ts";
    const learns = ops.filter((op) => !foreign && op in gradientRules);
    for (const op of learns) seen.add(op);
    const cell = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(" ") || "–";
    const family = foreign ? "of `com.microsoft`" : file.slice(0, -3);
    rows.push(`| ${family} | ${cell(learns)} | ${cell(ops.filter((op) => !learns.includes(op)))} |\n`);
  }
  const lost = Object.keys(gradientRules).filter((op) => !seen.has(op));
  if (lost.length > 0) throw new Error(`${lost} have a gradient, and no rule of types and shapes`);
  const count = (names: object) => Object.keys(names).length;
  return `${count(gradientRules)} operators have a gradient rule.\n\n| family | gradient, types and shapes | types and shapes alone |\n|---|---|---|\n${rows.join("")}`;
}
