// Recipes over citeULike's Topology Distillation split whose teacher is the foreign BPR-MF of 200 dimensions beside the
// data, imported into `folder` first.

import { join } from "node:path";
import { createProgress } from "../src/cli/progress.ts";
import { writeFolder } from "../src/node/disk.ts";
import { readOnnxFile } from "../src/node/onnx-file.ts";
import { onnxRuntime } from "../src/node/onnx-runtime.ts";
import { openSurroundings } from "../src/node/surroundings.ts";
import { importModel } from "../src/pipeline/import-model.ts";
import { parseRecipe } from "../src/pipeline/recipe.ts";
import { run } from "../src/pipeline/run.ts";
import type { Progress } from "../src/pipeline/surroundings.ts";
import type { Variant } from "../src/report/results.ts";
import { caseCommand } from "./scratch-run.ts";

/** Runs the case `name`'s recipe, data, split and teacher filled in, into `folder`/`place`. */
export type CiteulikeRun = (recipe: object, place: string) => Promise<readonly Variant[]>;

/** `base` holds the data sets; `group` is the case's, where it is in one; `took` is told the seconds of every stage that was run. */
export async function importedTeacher(
  name: string,
  base: string,
  folder: string,
  group?: string,
  took: (stage: string, seconds: number) => void = () => {},
): Promise<CiteulikeRun> {
  const file = join(base, "..", "models", "citeulike-bpr-d200.onnx");
  const model = await readOnnxFile(file);
  const imported = await importModel({ name: "bpr", file, ...model, roles: {} }, onnxRuntime({ threads: 1 }));
  await writeFolder(join(folder, "bpr"), imported.files);
  return async (recipe, place) => {
    const given = {
      ...{ name, dataset: { use: "lines", path: "citeulike-loo/td" }, split: { use: "given" } },
      ...{ teacher: { artifact: join(folder, "bpr") }, ...recipe },
    };
    const command = caseCommand(name, group);
    const progress = timed(createProgress(), took);
    const around = await openSurroundings({ base, folder: join(folder, place), command, progress });
    try {
      return (await run(parseRecipe(given, name), around)).variants;
    } finally {
      await around.close();
    }
  };
}

const timed = (progress: Progress, took: (stage: string, seconds: number) => void): Progress => ({
  ...progress,
  start(label) {
    const began = performance.now();
    const task = progress.start(label);
    return {
      ...task,
      end(note) {
        task.end(note);
        // A stage with a note was kept from before, or in part.
        if (note === undefined) took(label, (performance.now() - began) / 1e3);
      },
    };
  },
});
