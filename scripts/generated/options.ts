// The options tables of the docs, between two markers: in docs/<kind>.md one table a method, in docs/recipes.md the
// recipe's own keys and those of cleaning. All from zod schemas.

import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { methodFolders, methodNames } from "./barrels.ts";
import { withBlocks } from "./blocks.ts";
import type { Generated } from "./index.ts";

interface Method {
  readonly name: string;
  readonly summary: string;
  readonly options?: z.ZodType;
}

/** Every docs page with options that exists, its tables brought up to date. */
export async function optionPages(): Promise<Generated[]> {
  const pages: Generated[] = [];
  for (const folder of methodFolders) {
    const methods = await Promise.all(methodNames(folder).map((name) => load<Method>(`src/${folder}/${name}.ts`)));
    pages.push(...page(folder, methods.map((m) => section(m.name, m.summary, m.options)).join("\n")));
  }
  const { frame } = await import("../../src/pipeline/recipe.ts");
  const { clickFrame } = await import("../../src/pipeline/clicks/recipe.ts");
  const { cleanOptions } = await import("../../src/data/clean-options.ts");
  const recipe = section("The recipe's keys", "A step is `use: NAME` and that method's options beside it.", frame);
  const clicks = section("The keys of a recipe of clicks", "Steps as in other recipes.", clickFrame);
  const clean = section("clean", "A step that is left out does not run; the steps run in this order.", cleanOptions);
  const { ensembleOptions, httpOptions, listsOptions } = await import("../../src/pipeline/teachers/options.ts");
  const teachers = [
    section("teacher: lists", "Ranked items of users, in a file.", listsOptions),
    section("teacher: ensemble", "Several teachers' lists as one.", ensembleOptions),
    section("teacher: http", "A scorer that is asked for each user's list.", httpOptions),
  ];
  const { columnKinds } = await import("../../src/data/columns/columns.ts");
  const columns = Object.entries(columnKinds).map(([name, kind]) => section(name, kind.summary, kind.options));
  return [
    ...pages,
    ...page("clicks", clicks),
    ...page("columns", columns.join("\n")),
    ...page("recipes", [recipe, clean, ...teachers].join("\n")),
  ];
}

async function load<T>(file: string): Promise<T> {
  return ((await import(pathToFileURL(file).href)) as { default: T }).default;
}

/** docs/<name>.md with `tables` between the markers, or nothing where there is no such page. */
function page(name: string, tables: string): Generated[] {
  const path = `docs/${name}.md`;
  return existsSync(path) ? [withBlocks(path, { options: tables })] : [];
}

function section(title: string, summary: string, options?: z.ZodType): string {
  const rows = options ? rowsOf(z.toJSONSchema(options, { io: "input", unrepresentable: "any" }) as Schema) : [];
  const table = rows.length
    ? `\n| option | type | default | meaning |\n|---|---|---|---|\n${rows.map((r) => `| ${r.join(" | ")} |\n`).join("")}`
    : "\nNo options.\n";
  return `### ${title}\n\n${summary}\n${table}`;
}

/** What we read of a JSON Schema. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly default?: unknown;
  readonly description?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
}

/** One row an option; an object's own options follow it, with its name in front. */
function rowsOf(schema: Schema, prefix = ""): string[][] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const required = schema.required?.includes(name) ? "required" : "";
    const row = [
      `\`${prefix}${name}\``,
      cell(typeOf(property)),
      property.default === undefined ? required : `\`${cell(JSON.stringify(property.default))}\``,
      cell(property.description ?? ""),
    ];
    const list = property.items?.properties;
    return [row, ...rowsOf(list ? property.items! : property, `${prefix}${name}${list ? "[]" : ""}.`)];
  });
}

/** A type in words: "whole number 1 to 100", `"a"` or `"b"`. */
function typeOf(schema: Schema): string {
  if (schema.enum) return schema.enum.map((value) => `\`${JSON.stringify(value)}\``).join(" or ");
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return [...new Set(choices.map(typeOf))].join(" or ");
  if (typeof schema.type === "object") return schema.type.map((type) => typeOf({ ...schema, type })).join(" or ");
  if (schema.type === "array") return `list of ${typeOf(schema.items ?? {})}`;
  if (schema.type === "integer") return `whole number${range(schema)}`;
  if (schema.type === "number") return `number${range(schema)}`;
  if (schema.type === "string") return "text";
  if (schema.type === "boolean") return "`true` or `false`";
  if (schema.properties?.["kind"]) return "feature column";
  return schema.properties?.["use"] ? "step" : (schema.type ?? "any");
}

function range({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Schema): string {
  const known = (n: number | undefined) => n !== undefined && Math.abs(n) < Number.MAX_SAFE_INTEGER;
  if (known(minimum) && known(maximum)) return ` ${minimum} to ${maximum}`;
  const parts: string[] = [];
  if (known(minimum)) parts.push(`at least ${minimum}`);
  if (known(exclusiveMinimum)) parts.push(`above ${exclusiveMinimum}`);
  if (known(maximum)) parts.push(`at most ${maximum}`);
  if (known(exclusiveMaximum)) parts.push(`below ${exclusiveMaximum}`);
  return parts.length ? ` ${parts.join(", ")}` : "";
}

const cell = (text: string): string => text.replaceAll("|", "\\|");
