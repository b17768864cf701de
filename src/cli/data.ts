// distilrec data get NAME | inspect RECIPE_OR_PATH

import { extname } from "node:path";
import type { Command } from "commander";
import { formatBytes, formatCount, formatTable } from "../base/format.ts";
import { knownSets } from "../node/catalog.ts";
import { getData } from "../node/get-data.ts";
import { openSurroundings } from "../node/surroundings.ts";
import { type Data, readData } from "../pipeline/read-data.ts";
import type { Task } from "../pipeline/surroundings.ts";
import { answer, collect, finish } from "./answer.ts";
import { createProgress } from "./progress.ts";
import { commandLine, type Draft, readDraft, settle } from "./read-recipe.ts";

export function define(command: Command): void {
  const get = command
    .command("get")
    .description(
      "Download a known data set from its official address (or $DISTILREC_MIRROR), verified; goes on where it stopped.",
    )
    .argument("<name>", `one of ${knownSets.map(({ name }) => name).join(", ")}`)
    .option("--to <folder>", "the folder under which the set gets its own (default: $DISTILREC_DATA, or data)")
    .action(async (name: string, options: { to?: string; json?: boolean }) => {
      const tasks = new Map<string, Task>();
      const progress = createProgress();
      const { set, folder, files } = await getData(name, {
        ...{ to: options.to ?? process.env["DISTILREC_DATA"] ?? "data", mirror: process.env["DISTILREC_MIRROR"] },
        progress(file, done, total) {
          const task = tasks.get(file) ?? progress.start(`get ${file}`);
          tasks.set(file, task);
          task.step(done, total, formatBytes(done));
          if (done >= total) task.end();
        },
      }).finally(progress.stop);
      const use = `dataset: { use: ${set.use}, path: ${folder} }`;
      answer(
        options,
        { name: set.name, folder, files, license: set.license },
        `${folder}: ${files.join(", ")}\nLicence: ${set.license}.\nIn a recipe: ${use}`,
      );
    });
  finish(get, "distilrec data get movietweetings-100k --to data");
  const inspect = command
    .command("inspect")
    .description("Say how large a data set is, and what cleaning drops of it.")
    .argument("<recipe or path>", "a recipe, or a file of events (CSV, TSV, ::, Parquet, JSON lines)")
    .option("--set <key.path=value>", "change a value, such as dataset.user=customer_id; may be repeated", collect)
    .action(async (path: string, options: { set?: string[]; json?: boolean }) => {
      const draft = /^\.ya?ml$/i.test(extname(path)) ? await readDraft(path) : draftOf(path);
      const recipe = settle(draft, options.set);
      const around = await openSurroundings({
        base: draft.base,
        command: commandLine(),
        progress: createProgress(),
        threads: 1,
      });
      try {
        const found = describe(await readData(recipe, around));
        answer(options, found, textOf(found));
      } finally {
        await around.close();
      }
    });
  finish(
    inspect,
    "distilrec data inspect recipes/movietweetings.yaml",
    "distilrec data inspect log.csv --set dataset.user=customer --set dataset.item=sku",
  );
}

const draftOf = (path: string): Draft => {
  const dataset = { use: "csv", path };
  return {
    raw: { name: "inspect", dataset, split: { use: "random" }, teacher: { use: "popularity" } },
    source: path,
    base: ".",
  };
};

function describe({ name, events, fingerprint, dropped, part, titles }: Data) {
  const { users, items, user, time } = events;
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const t of time ?? []) [first, last] = [Math.min(first, t), Math.max(last, t)];
  const date = (seconds: number) => new Date(seconds * 1000).toISOString();
  return {
    ...{ dataset: name, users: users.length, items: items.length, interactions: user.length },
    density: user.length / (users.length * items.length),
    ...(time && { from: date(first), to: date(last) }),
    ...{ comesDivided: part !== undefined, hasTitles: titles !== undefined, fingerprint, dropped },
  };
}

function textOf({ dropped, ...found }: ReturnType<typeof describe>): string {
  const rows = [
    ["dataset", found.dataset],
    ["users", formatCount(found.users)],
    ["items", formatCount(found.items)],
    ["interactions", formatCount(found.interactions)],
    ["density", `${(100 * found.density).toPrecision(3)} %`],
    ["times", found.from === undefined ? "none" : `${found.from} to ${found.to}`],
    ["comes divided", found.comesDivided ? "yes" : "no"],
    ["titles", found.hasTitles ? "yes" : "no"],
    ["fingerprint", found.fingerprint],
  ].map(([name = "", value]) => `${name.padEnd(14)} ${value}`);
  if (dropped.length === 0) return rows.join("\n");
  const account = dropped.map((drop) => [drop.step, formatCount(drop.dropped), formatCount(drop.left), drop.why]);
  return `${rows.join("\n")}\n\n${formatTable([["cleaning", "dropped", "left", "why"], ...account])}`;
}
