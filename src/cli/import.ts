// distilrec import FILE.onnx: a model that something else trained becomes an artifact.

import { basename, join } from "node:path";
import type { Command } from "commander";
import { suggest, UserError } from "../base/errors.ts";
import { writeFolder } from "../node/disk.ts";
import { readOnnxFile } from "../node/onnx-file.ts";
import { onnxRuntime } from "../node/onnx-runtime.ts";
import { readText } from "../node/text.ts";
import { importModel } from "../pipeline/import-model.ts";
import { type InputRole, inputRoles } from "../recommender/foreign/roles.ts";
import { renderInspection } from "../report/inspection.ts";
import { answer, finish } from "./answer.ts";
import { refuseStrangers } from "./out-folder.ts";

interface Options {
  map?: string;
  items?: string;
  users?: string;
  name?: string;
  out?: string;
  json?: boolean;
}

export function define(command: Command): void {
  command
    .argument("<file>", "ONNX model")
    .option("--map <roles>", `what inputs are, as in user=input1,item=input2; roles: ${inputRoles.join(", ")}`)
    .option("--items <file>", "the id of each item, one a line, in the model's order (default: 0, 1, 2 …)")
    .option("--users <file>", "the id of each user, one a line, in the model's order (default: 0, 1, 2 …)")
    .option("--name <name>", "the artifact's name (default: the file's)")
    .option("--out <folder>", "where the artifact goes (default: runs/<name>)")
    .action(async (file: string, options: Options) => {
      const roles = rolesOf(options.map);
      const { bytes, graph } = await readOnnxFile(file);
      const name = options.name ?? basename(file).replace(/\.onnx$/, "");
      const ids = async (path: string | undefined) =>
        path === undefined ? undefined : idsOf(path, await readText(path));
      const [itemIds, userIds] = await Promise.all([ids(options.items), ids(options.users)]);
      const runtime = onnxRuntime({ threads: 1 });
      const { inspection, form, files, notes } = await importModel(
        { name, file, bytes, graph, roles, itemIds, userIds },
        runtime,
      );
      const folder = options.out ?? join("runs", name);
      await refuseStrangers(folder);
      await writeFolder(folder, files);
      const next = form === "graph" ? nextForGraph(folder) : nextForTables(folder);
      const text = [renderInspection(file, inspection), notes.join("\n"), `Artifact: ${folder}\nNext: ${next}`];
      answer(options, { artifact: folder, form, notes, inspection }, text.join("\n\n"));
    });
  finish(command, "distilrec import mf.onnx --map user=u,item=i --items items.txt --out teacher");
}

const nextForTables = (folder: string) => `distilrec compress ${folder} --data RECIPE --pass int8-row`;
const nextForGraph = (folder: string) => `distilrec score ${folder} ROWS.csv`;

/** "user=u,item=i" as the role of each input. */
function rolesOf(map: string | undefined): Record<string, InputRole> {
  const roles: Record<string, InputRole> = {};
  for (const part of map === undefined ? [] : map.split(",")) {
    const at = part.indexOf("=");
    const [role, input] = [part.slice(0, at).trim(), part.slice(at + 1).trim()];
    if (at < 1 || input === "")
      throw new UserError(`--map: "${part}" must be ROLE=INPUT, as in user=input1,item=input2.`);
    if (!(inputRoles as readonly string[]).includes(role)) {
      throw new UserError(`--map: there is no role "${role}". ${suggest(role, inputRoles)}`);
    }
    if (roles[input])
      throw new UserError(`--map: input "${input}" has two roles, ${roles[input]} and ${role}; give one.`);
    roles[input] = role as InputRole;
  }
  return roles;
}

/** One id a line; blank ones and repetitions are errors. */
function idsOf(path: string, text: string): string[] {
  const ids = text
    .replace(/^\uFEFF/, "")
    .replace(/\r?\n$/, "")
    .split(/\r?\n/);
  const seen = new Map<string, number>();
  for (const [line, id] of ids.entries()) {
    if (id.trim() === "") throw new UserError(`${path}: line ${line + 1} is empty; every row needs an id.`);
    const before = seen.get(id);
    if (before !== undefined)
      throw new UserError(`${path}: "${id}" is in line ${before + 1} and line ${line + 1}; ids must differ.`);
    seen.set(id, line);
  }
  return ids;
}
