// distilrec serve ARTIFACT

import { join } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { openArtifactFolder } from "../node/artifact-folder.ts";
import { readBytes } from "../node/disk.ts";
import { edgeModule } from "../node/edge-modules.ts";
import { startServer } from "../node/serve.ts";
import { openKernels } from "../node/threads.ts";
import { openScorer } from "../recommender/scorer.ts";
import { createApp } from "../serve/app.ts";
import { answer, finish } from "./answer.ts";

export function define(command: Command): void {
  command
    .argument("<artifact>", "folder of a sealed model")
    .option("--port <number>", "port to listen on; 0 takes any free one", port, 8080)
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .action(async (folder: string, options: { port: number; host: string; json?: boolean }) => {
      const artifact = await openArtifactFolder(folder, { needs: "all" });
      const kernels = await openKernels(1);
      const scorer = openScorer(kernels, artifact.recommender);
      const files = { artifact: (path: string) => readBytes(join(folder, path)), edge: edgeModule };
      const { url, closed } = await startServer({
        app: createApp({ artifact, scorer, files }),
        port: options.port,
        host: options.host,
      });
      const { name, items } = artifact.manifest;
      answer(
        options,
        { url, artifact: name, items },
        `${name} answers at ${url}; Ctrl-C stops it.\n${example(url, artifact.userIds?.[0], artifact.itemIds[0])}`,
      );
      await closed;
    });
  finish(command, "distilrec serve runs/demo/artifacts/student-int4 --port 8080");
}

const example = (url: string, user: string | undefined, item: string | undefined): string => {
  const body = JSON.stringify(user === undefined ? { history: [item], k: 5 } : { user, k: 5 });
  return `Try: curl ${url}/v1/recommend -H 'Content-Type: application/json' -d '${body}'`;
};

function port(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0 && value <= 65535) return value;
  throw new InvalidArgumentError("it must be a whole number from 0 to 65535.");
}
