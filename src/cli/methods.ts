// distilrec methods [KIND]

import type { Command } from "commander";
import { z } from "zod";
import { suggest, UserError } from "../base/errors.ts";
import { registry } from "../pipeline/registry.ts";
import { answer, finish } from "./answer.ts";

const kinds = [
  "dataset",
  "clicklog",
  "split",
  "model",
  "network",
  "loss",
  "pass",
  "layer-pass",
  "metric",
  "estimator",
] as const;

interface Row {
  readonly kind: string;
  readonly name: string;
  readonly summary: string;
  readonly options: readonly Option[];
}

interface Option {
  readonly name: string;
  readonly default?: unknown;
  readonly about?: string;
}

export function define(command: Command): void {
  command
    .argument("[kind]", `one of ${kinds.join(", ")}`)
    .action((kind: string | undefined, options: { json?: boolean }) => {
      if (kind !== undefined && !kinds.some((known) => known === kind)) {
        throw new UserError(`methods: there is no kind "${kind}". ${suggest(kind, kinds)}`);
      }
      const rows = kinds.filter((known) => kind === undefined || known === kind).flatMap(rowsOf);
      answer(options, rows, textOf(rows));
    });
  finish(command, "distilrec methods model");
}

const rowsOf = (kind: (typeof kinds)[number]): Row[] =>
  registry[kind].map((method) => ({
    ...{ kind, name: method.name, summary: method.summary },
    options: "options" in method ? optionsOf(method.options) : [],
  }));

function optionsOf(schema: z.ZodType): Option[] {
  const { properties = {} } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as {
    properties?: Record<string, { default?: unknown; description?: string }>;
  };
  return Object.entries(properties).map(([name, { default: value, description }]) => ({
    name,
    ...(value !== undefined && { default: value }),
    ...(description !== undefined && { about: description }),
  }));
}

function textOf(rows: readonly Row[]): string {
  return rows
    .map(({ kind, name, summary, options }) => {
      const lines = options.map(
        (o) =>
          `    ${o.name}${o.default === undefined ? "" : ` = ${JSON.stringify(o.default)}`}${o.about ? `: ${o.about}` : ""}`,
      );
      return [`${kind} ${name}: ${summary}`, ...lines].join("\n");
    })
    .join("\n");
}
