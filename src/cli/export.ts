// distilrec export ARTIFACT: its ONNX model in the forms that are the fastest on this machine, or in those of a plan.

import { dirname, join } from "node:path";
import type { Command } from "commander";
import { UserError } from "../base/errors.ts";
import { formatBytes, formatTable } from "../base/format.ts";
import type { Runtime } from "../graph/runtime.ts";
import { holdsForeign, openArtifactFolder } from "../node/artifact-folder.ts";
import { makeFolder, writeWhole } from "../node/disk.ts";
import { onnxRuntime } from "../node/onnx-runtime.ts";
import { openSurroundings } from "../node/surroundings.ts";
import { readText } from "../node/text.ts";
import { encodeOnnx } from "../onnx/encode.ts";
import type { Tried } from "../pipeline/lowering/choose-form.ts";
import { decodePlan, encodePlan } from "../pipeline/lowering/form-plan.ts";
import { type Planned, planRecommender } from "../pipeline/lowering/plan-recommender.ts";
import { type Target, targets } from "../pipeline/lowering/try-forms.ts";
import type { Surroundings } from "../pipeline/surroundings.ts";
import { lowerToOnnx } from "../recommender/lower.ts";
import { answer, collect, finish } from "./answer.ts";
import { numberFrom } from "./numbers.ts";
import { createProgress } from "./progress.ts";
import { commandLine } from "./read-recipe.ts";

interface Options {
  target?: string[];
  forms?: string;
  batch: number;
  threads: number;
  smallest?: boolean;
  contrib?: boolean;
  out?: string;
  json?: boolean;
}

export function define(command: Command): void {
  command
    .argument("<artifact>", "folder of a sealed recommender")
    .option("--target <runtime>", "where it will run: node or wasm; may be repeated (default: node)", collect)
    .option("--forms <file>", "measure nothing: the forms of an earlier export's .forms.json file")
    .option("--batch <queries>", "queries of one request while it is timed", numberFrom(1, 1024, "whole number"), 1)
    .option("--threads <count>", "threads of target node while it is timed", numberFrom(1, 64, "whole number"), 1)
    .option("--smallest", "the smallest file, whatever it costs in time")
    .option("--contrib", "also try operators that only ONNX Runtime knows (com.microsoft)")
    .option("--out <file>", "where the model goes, its plan beside it (default: runs/<name>.onnx)")
    .action(async (folder: string, options: Options) => {
      if (await holdsForeign(folder))
        throw new UserError(`${folder}: it is a graph, whose forms follow from its passes; give a recommender.`);
      const { recommender, histories, manifest } = await openArtifactFolder(folder, { needs: "all" });
      const out = options.out ?? join("runs", `${manifest.name}.onnx`);
      const wanted = targetsOf(options.target ?? ["node"]);
      await makeFolder(dirname(out));
      if (options.forms !== undefined) {
        const { tables } = decodePlan(await readText(options.forms), options.forms);
        const onnx = encodeOnnx(lowerToOnnx(recommender, tables));
        await writeWhole(out, onnx);
        const said = { out, forms: tables, bytes: onnx.length };
        return answer(options, said, `${out}: ${formatBytes(onnx.length)}, in the forms of ${options.forms}.`);
      }
      const around = await openSurroundings({ base: ".", command: commandLine(), progress: createProgress() });
      try {
        const bench = { ...around, runtimes: await runtimesOf(wanted, options.threads, around) };
        const { batch, smallest = false, contrib = false } = options;
        const plan = await planRecommender(
          { recommender, ...(histories && { histories }) },
          { batch, smallest, contrib },
          bench,
        );
        const planFile = `${out.replace(/\.onnx$/, "")}.forms.json`;
        await writeWhole(out, plan.onnx);
        await writeWhole(planFile, new TextEncoder().encode(encodePlan({ targets: wanted, tables: plan.forms })));
        const { onnx, ...said } = plan;
        answer(options, { out, plan: planFile, bytes: onnx.length, ...said }, textOf(plan, wanted, out, planFile));
      } finally {
        await around.close();
      }
    });
  finish(
    command,
    "distilrec export runs/demo/artifacts/student-int4 --target node --target wasm",
    "distilrec export runs/demo/artifacts/student-int4 --forms runs/student-int4.forms.json --out model.onnx",
  );
}

function targetsOf(given: readonly string[]): Target[] {
  const unknown = given.find((name) => !targets.some((target) => target === name));
  if (unknown !== undefined) throw new UserError(`--target must be ${targets.join(" or ")}, got "${unknown}".`);
  return targets.filter((target) => given.includes(target));
}

async function runtimesOf(
  wanted: readonly Target[],
  threads: number,
  around: Surroundings,
): Promise<Partial<Record<Target, Runtime>>> {
  const wasm = wanted.includes("wasm") ? await around.webRuntime() : undefined;
  if (wanted.includes("wasm") && !wasm)
    throw new UserError("--target wasm: onnxruntime-web is not installed; npm install onnxruntime-web.");
  return { ...(wanted.includes("node") && { node: onnxRuntime({ threads }) }), ...(wasm && { wasm }) };
}

function textOf({ tables, whole }: Planned, wanted: readonly Target[], out: string, planFile: string): string {
  const row = (head: readonly string[], { form, bytes, times, refused }: Tried, last: string) => [
    ...[...head, form],
    ...wanted.map((target) => (times[target] ? `${times[target].ms} (${times[target].ratio.toFixed(2)})` : "")),
    ...[bytes > 0 ? formatBytes(bytes) : "", refused ?? last],
  ];
  const titles = [...wanted.map((target) => `ms on ${target}`), "file", ""];
  const rows = tables.flatMap(({ name, encoding, kept, tried }) =>
    tried.map((one, i) => row(i === 0 ? [name, encoding] : ["", ""], one, one.form === kept ? "kept" : "")),
  );
  const others = Math.max(...whole.flatMap(({ times }) => Object.values(times).map((time) => time.others)));
  return [
    ...(rows.length > 0
      ? [formatTable([["table", "encoding", "form", ...titles], ...rows])]
      : ["No table has more than one form."]),
    formatTable([
      ["the whole", ...titles],
      ...whole.map((one) => row([], one, one.form === "planned" ? "written" : "")),
    ]),
    "In brackets: times of float32. Every form's answers were compared with our own scores.",
    ...(others > 0.2 ? [`Other processes took ${others} cores meanwhile; on an idle machine times are surer.`] : []),
    `Model: ${out}\nPlan:  ${planFile}`,
  ].join("\n\n");
}
