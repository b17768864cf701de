// distilrec inspect ARTIFACT

import type { Command } from "commander";
import { formatBytes, formatCount, formatTable } from "../base/format.ts";
import { openArtifactFolder } from "../node/artifact-folder.ts";
import { answer, finish } from "./answer.ts";

export function define(command: Command): void {
  command
    .argument("<artifact>", "folder of a sealed model")
    .action(async (folder: string, options: { json?: boolean }) => {
      const { manifest } = await openArtifactFolder(folder, { needs: "all" });
      const tables = Object.entries(manifest.tables).map(([name, t]) => [
        name,
        t.encoding,
        formatCount(t.rows),
        formatCount(t.cols),
      ]);
      const files = Object.entries(manifest.files).map(([path, f]) => [
        path,
        formatBytes(f.bytes),
        f.load ? "to answer" : "aside",
      ]);
      const parent = manifest.parent === undefined ? "" : ` of ${manifest.parent}`;
      const text = [
        `${manifest.name}: ${manifest.role}${parent}, ${manifest.method}, answers ${asks[manifest.query]} over ${formatCount(manifest.items)} items.`,
        "Every file is as it was sealed.",
        formatTable([["table", "encoding", "rows", "columns"], ...tables]),
        formatTable([["file", "bytes", "needed"], ...files]),
        formatTable([
          ["metric", "value"],
          ...Object.entries(manifest.metrics).map(([name, value]) => [name, value.toFixed(4)]),
        ]),
      ];
      answer(options, manifest, text.join("\n\n"));
    });
  finish(command, "distilrec inspect runs/demo/artifacts/student-int4");
}

const asks = { user: "by user", history: "from a history", none: "everybody alike" };
