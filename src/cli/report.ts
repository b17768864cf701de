// distilrec report RUN

import { join } from "node:path";
import type { Command } from "commander";
import { writeWhole } from "../node/disk.ts";
import { renderClickReport } from "../report/clicks/report.ts";
import { renderReport } from "../report/report.ts";
import { answer, finish } from "./answer.ts";
import { readResults } from "./read-results.ts";

export function define(command: Command): void {
  command.argument("<run>", "folder of a finished run").action(async (run: string, options: { json?: boolean }) => {
    const results = await readResults(run);
    const page = "networks" in results ? renderClickReport(results) : renderReport(results);
    const path = join(run, "report.html");
    await writeWhole(path, new TextEncoder().encode(page));
    answer(options, { report: path }, `Report: ${path}`);
  });
  finish(command, "distilrec report runs/demo");
}
