// distilrec recommend ARTIFACT

import { type Command, InvalidArgumentError } from "commander";
import { openAnswers } from "../artifact/answers.ts";
import { UserError } from "../base/errors.ts";
import { formatTable } from "../base/format.ts";
import { openArtifactFolder } from "../node/artifact-folder.ts";
import { openKernels } from "../node/threads.ts";
import { openScorer } from "../recommender/scorer.ts";
import { answer, finish } from "./answer.ts";

interface Options {
  user?: string;
  history?: string[];
  k: number;
  exclude?: string[];
  json?: boolean;
}

export function define(command: Command): void {
  command
    .argument("<artifact>", "folder of a sealed model")
    .option("--user <id>", "a user whom the artifact knows")
    .option("--history <ids>", "items that somebody took, comma-separated, instead of a user", list)
    .option("--k <count>", "how many items, 1 to 1000", count, 10)
    .option("--exclude <ids>", "items not to give, comma-separated", list)
    .action(async (folder: string, options: Options) => {
      const artifact = await openArtifactFolder(folder, { needs: "all" });
      const kernels = await openKernels(1);
      const scorer = openScorer(kernels, artifact.recommender);
      const { user, history, k, exclude } = options;
      const given = openAnswers(artifact, scorer)({ user, history, k, exclude });
      if ("refused" in given) throw new UserError(`recommend: ${given.why}`);
      for (const id of given.unknown) process.stderr.write(`There is no item "${id}"; it was left out.\n`);
      const rows = given.items.map(({ id, score }, rank) => [String(rank + 1), id, score.toPrecision(4)]);
      answer(options, { items: given.items, unknown: given.unknown }, formatTable([["", "item", "score"], ...rows]));
    });
  finish(
    command,
    "distilrec recommend runs/demo/artifacts/student-int4 --user 17 --k 5",
    "distilrec recommend runs/demo/artifacts/student-int4 --history 3,14,15",
  );
}

const list = (text: string): string[] => text.split(",").filter((id) => id !== "");

function count(text: string): number {
  const k = Number(text);
  if (Number.isInteger(k) && k >= 1 && k <= 1000) return k;
  throw new InvalidArgumentError("it must be a whole number from 1 to 1000.");
}
