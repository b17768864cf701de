// distilrec export ARTIFACT: its ONNX model in the forms that are the fastest on this machine, or in those of a plan.

import { dirname, join } from "node:path";
import type { Command } from "commander";
import { UserError } from "../base/errors.ts";
import { formatBytes, formatTable } from "../base/format.ts";
import type { Runtime } from "../graph/runtime.ts";
import { holdsForeign, openArtifactFolder, openForeignFolder } from "../node/artifact-folder.ts";
import { makeFolder, writeWhole } from "../node/disk.ts";
import { onnxRuntime } from "../node/onnx-runtime.ts";
import { openSurroundings } from "../node/surroundings.ts";
import { readText } from "../node/text.ts";
import { encodeOnnx } from "../onnx/encode.ts";
import type { Tried } from "../pipeline/lowering/choose-form.ts";
import { decodePlan, encodePlan, type FormPlan, layerPlan, tablePlan } from "../pipeline/lowering/form-plan.ts";
import type { PlannedForms } from "../pipeline/lowering/plan-forms.ts";
import { inForms, planGraph } from "../pipeline/lowering/plan-graph.ts";
import { type PlanOptions, planRecommender } from "../pipeline/lowering/plan-recommender.ts";
import { type Bench, type Target, targets } from "../pipeline/lowering/try-forms.ts";
import type { Surroundings } from "../pipeline/surroundings.ts";
import type { Form } from "../recommender/forms.ts";
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
    .argument("<artifact>", "folder of a sealed model")
    .option("--target <runtime>", "where it will run: node or wasm; may be repeated (default: node)", collect)
    .option("--forms <file>", "measure nothing: the forms of an earlier export's .forms.json file")
    .option(
      "--batch <queries>",
      "queries or rows of one request while it is timed",
      numberFrom(1, 1024, "whole number"),
      1,
    )
    .option("--threads <count>", "threads of target node while it is timed", numberFrom(1, 64, "whole number"), 1)
    .option("--smallest", "the smallest file, whatever it costs in time")
    .option("--contrib", "also try operators that only ONNX Runtime knows (com.microsoft)")
    .option("--out <file>", "where the model goes, its plan beside it (default: runs/<name>.onnx)")
    .action(async (folder: string, options: Options) => {
      const model = await modelIn(folder);
      const out = options.out ?? join("runs", `${model.name}.onnx`);
      const wanted = targetsOf(options.target ?? ["node"]);
      await makeFolder(dirname(out));
      if (options.forms !== undefined) {
        const plan = decodePlan(await readText(options.forms), options.forms);
        const onnx = model.inForms(plan, options.forms);
        await writeWhole(out, onnx);
        const said = { out, forms: plan.forms, bytes: onnx.length };
        return answer(options, said, `${out}: ${formatBytes(onnx.length)}, in the forms of ${options.forms}.`);
      }
      const around = await openSurroundings({ base: ".", command: commandLine(), progress: createProgress() });
      try {
        const bench = { ...around, runtimes: await runtimesOf(wanted, options.threads, around) };
        const { batch, smallest = false, contrib = false } = options;
        const plan = await model.plan({ batch, smallest, contrib }, bench);
        const planFile = `${out.replace(/\.onnx$/, "")}.forms.json`;
        const { model: onnx, ...said } = plan;
        await writeWhole(out, onnx);
        await writeWhole(planFile, new TextEncoder().encode(encodePlan({ targets: wanted, forms: plan.forms })));
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

interface Exported {
  readonly name: string;
  /** The model in the forms of a plan, whose file is for errors. */
  inForms(plan: FormPlan, file: string): Uint8Array;
  plan(options: PlanOptions, bench: Surroundings & Bench): Promise<PlannedForms<Form>>;
}

async function modelIn(folder: string): Promise<Exported> {
  if (await holdsForeign(folder)) {
    const artifact = await openForeignFolder(folder);
    return {
      name: artifact.manifest.name,
      inForms: (plan, file) => encodeOnnx(inForms(artifact.graph, layerPlan(plan, file))),
      plan: (options, bench) => planGraph(artifact, options, bench),
    };
  }
  const { recommender, histories, manifest } = await openArtifactFolder(folder, { needs: "all" });
  return {
    name: manifest.name,
    inForms: (plan, file) => encodeOnnx(lowerToOnnx(recommender, tablePlan(plan, file))),
    plan: (options, bench) => planRecommender({ recommender, ...(histories && { histories }) }, options, bench),
  };
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

function textOf(
  { parts, whole, kept: written }: PlannedForms<Form>,
  wanted: readonly Target[],
  out: string,
  planFile: string,
): string {
  const row = (head: readonly string[], { form, bytes, times, refused }: Tried, last: string) => [
    ...[...head, form],
    ...wanted.map((target) => (times[target] ? `${times[target].ms} (${times[target].ratio.toFixed(2)})` : "")),
    ...[bytes > 0 ? formatBytes(bytes) : "", refused ?? last],
  ];
  const titles = [...wanted.map((target) => `ms on ${target}`), "file", ""];
  const rows = parts.flatMap(({ name, encoding, kept, tried }) =>
    tried.map((one, i) => row(i === 0 ? [name, encoding] : ["", ""], one, one.form === kept ? "kept" : "")),
  );
  const others = Math.max(...whole.flatMap(({ times }) => Object.values(times).map((time) => time.others)));
  return [
    ...(rows.length > 0
      ? [formatTable([["table or layer", "encoding", "form", ...titles], ...rows])]
      : ["No table has more than one form."]),
    formatTable([["the whole", ...titles], ...whole.map((one) => row([], one, one.form === written ? "written" : ""))]),
    "In brackets: times of float32. Every form's answers were compared with those of the artifact.",
    ...(others > 0.2 ? [`Other processes took ${others} cores meanwhile; on an idle machine times are surer.`] : []),
    `Model: ${out}\nPlan:  ${planFile}`,
  ].join("\n\n");
}
