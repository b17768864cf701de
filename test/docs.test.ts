// The docs are tests: tables against registries, links and anchors, commands against the command line, YAML against
// the recipe's schema.

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { methodFolders, methodNames } from "../scripts/generated/barrels.ts";
import { createProgram } from "../src/cli/program.ts";
import { all as losses } from "../src/losses/index.ts";
import { all as models } from "../src/models/index.ts";
import { isClickRecipe, parseClickRecipe } from "../src/pipeline/clicks/recipe.ts";
import { parseRecipe } from "../src/pipeline/recipe.ts";
import { parseRecipeText } from "../src/pipeline/recipe-text.ts";
import { anchors, type Fence, pages, readPage, tableRows } from "./markdown.ts";

const all = pages();
const fences = (...languages: string[]): { place: string; fence: Fence }[] =>
  all.flatMap(({ path, fences: found }) =>
    found.filter((f) => languages.includes(f.language)).map((fence) => ({ place: `${path}:${fence.line}`, fence })),
  );

describe.each(all)("$path", ({ path, text, prose }) => {
  test("opens with a title and a sentence that bolds the noun", () => {
    const body = text.replace(/^(<!--.*-->\n+)?# .+\n+/, "");
    expect(text.length).toBeGreaterThan(body.length);
    expect(body.split(/[.:]\s/)[0]).toMatch(/^(An? |The )?\*\*[^*]+\*\*/);
  });

  test("links lead somewhere, anchors included", () => {
    const broken = [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target]) => target!)
      .filter((target) => !/^https?:/.test(target))
      .filter((target) => {
        const [file, anchor] = target.split("#") as [string, string?];
        const to = file ? join(dirname(path), file) : path;
        if (!existsSync(to)) return true;
        return anchor !== undefined && !anchors(readPage(to).prose).has(anchor);
      });
    expect(broken).toEqual([]);
  });

  test("every block says which language it is in", () => {
    const known = ["ts", "sh", "yaml", "json", "text", "mermaid", "html"];
    expect(
      readPage(path)
        .fences.filter((f) => !known.includes(f.language))
        .map((f) => f.line),
    ).toEqual([]);
  });
});

describe.each(methodFolders)("docs/%s.md", (folder) => {
  const singular =
    { losses: "loss", passes: "pass", "layer-passes": "layer-pass" }[folder as string] ?? folder.slice(0, -1);

  test("has a row for each method and for nothing else, and says when to use it", () => {
    const { prose } = readPage(`docs/${folder}.md`);
    const rows = tableRows(prose, singular);
    expect(rows.map((row) => row[0]!).sort()).toEqual(methodNames(folder));
    for (const row of rows) expect(row[1]!.length).toBeGreaterThan(20);
  });
});

test("what the pages say of models and losses is what these declare", () => {
  const cells = (kind: string, page: string) =>
    tableRows(readPage(`docs/${page}.md`).prose, kind).map((row) => `${row[0]} ${row.at(-1)}`);
  expect(cells("model", "models").sort()).toEqual(models.map((m) => `${m.name} ${m.guided.join(", ") || "no"}`).sort());
  expect(cells("loss", "losses").sort()).toEqual(losses.map((loss) => `${loss.name} ${loss.needs}`).sort());
});

test("the README links every page of docs/", () => {
  const linked = new Set([...readPage("README.md").prose.matchAll(/\]\((docs\/[^)#]+)/g)].map((m) => m[1]!));
  expect(all.map((p) => p.path).filter((path) => path.startsWith("docs/") && !linked.has(path))).toEqual([]);
});

test.each(fences("yaml"))("recipe at $place is one", ({ place, fence }) => {
  const rest = {
    name: "docs",
    dataset: { use: "world" },
    split: { use: "random" },
    teacher: { use: "ease" },
    students: [{ name: "small", use: "inductive" }],
  };
  const given = parseRecipeText(fence.text, place);
  if (isClickRecipe(given)) return void parseClickRecipe(given, place);
  // A whole recipe stands on its own; a fragment is completed from the one above.
  const { passes, ...keys } = given as { passes?: unknown };
  const fragment = passes === undefined ? keys : { variants: [{ name: "variant", of: "small", passes }] };
  parseRecipe("dataset" in given && "name" in given ? given : { ...rest, ...fragment }, place);
});

const scripts = (JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> }).scripts;
const commands = fences("sh").flatMap(({ place, fence }) =>
  fence.text
    .split(/\n|&&/)
    .map((line) => line.trim())
    .filter((line) => line && !/^(#|export |curl )/.test(line))
    .map((line) => ({ place, line })),
);

test.each(commands)("$line ($place) can be run", async ({ line }) => {
  const words = line.split(/\s+/).filter((word) => !/^[A-Z_]+=/.test(word));
  if (words[0] === "npx") words.shift();
  const [program, verb, ...rest] = words as [string, string, ...string[]];
  if (program === "npm") {
    if (verb === "run") expect(Object.keys(scripts)).toContain(rest.find((word) => !word.startsWith("-")));
    else expect(["ci", "test", "install"]).toContain(verb);
  } else if (program === "distilrec") {
    let command = (await createProgram([verb])).commands.find((c) => c.name() === verb);
    while (command?.commands.length) {
      const name = rest.shift();
      command = command.commands.find((c) => c.name() === name);
    }
    expect(command, `there is a command in "${line}"`).toBeDefined();
    const { operands, unknown } = command!.parseOptions(rest);
    expect(unknown).toEqual([]);
    const { registeredArguments: takes } = command!;
    expect(operands.length).toBeGreaterThanOrEqual(takes.filter((a) => a.required).length);
    if (!takes.at(-1)?.variadic) expect(operands.length).toBeLessThanOrEqual(takes.length);
  } else {
    expect(existsSync(`node_modules/.bin/${program}`), `${program} is a program of this repository`).toBe(true);
  }
});
