// What a graph answers for rows, as logits, and how good that is.

import type { Metrics } from "../../artifact/lineage.ts";
import { UserError } from "../../base/errors.ts";
import { sigmoid } from "../../base/logistic.ts";
import { clickMetrics } from "../../data/click-metrics/index.ts";
import type { RunTensor, Runtime } from "../../graph/runtime.ts";
import { encodeOnnx } from "../../onnx/encode.ts";
import type { RowFeeds } from "../row-feeds.ts";
import { runOn } from "../run-on.ts";
import { type Answer, logitOf } from "./answer.ts";

/** Rows of one run. */
const batch = 4096;

type Run = (feeds: Readonly<Record<string, RunTensor>>, rows: string) => Promise<Record<string, RunTensor>>;

/** The logit of every row by ONNX Runtime; `what` names the graph in errors. */
export async function logitsByRuntime(
  answer: Answer,
  rows: RowFeeds,
  runtime: Runtime,
  what: string,
): Promise<Float32Array> {
  const session = await runtime.open(encodeOnnx(answer.graph));
  const wanted = new Set(session.inputs);
  try {
    const logits = await logitsBy(answer, rows, (feeds, which) =>
      runOn(
        session,
        Object.fromEntries(Object.entries(feeds).filter(([name]) => wanted.has(name))),
        `${what}: ${which}`,
      ),
    );
    const row = logits.findIndex((z) => !Number.isFinite(z));
    if (row >= 0) throw new UserError(`${what}: its score of row ${row + 1} is ${logits[row]}; leave the row out.`);
    return logits;
  } finally {
    await session.close();
  }
}

/** The logit of every row by `run`, which runs the answer's graph. */
export async function logitsBy({ output, isLogit }: Answer, rows: RowFeeds, run: Run): Promise<Float32Array> {
  const logits = new Float32Array(rows.n);
  for (const { rows: own, feeds } of rows.batches({ batch })) {
    const { data } = (await run(feeds, `rows ${own[0]! + 1} to ${own.at(-1)! + 1}`))[output]!;
    for (const [r, row] of own.entries()) logits[row] = logitOf(Number(data[r]), isLogit);
  }
  return logits;
}

/** AUC and log loss of logits. */
export function qualityOf(
  label: Float32Array,
  logits: Float32Array,
): { readonly auc: number; readonly "log-loss": number } & Metrics {
  const score = logits.map(sigmoid);
  return {
    auc: clickMetrics.auc.measure({ label, score: logits }),
    "log-loss": clickMetrics["log-loss"].measure({ label, score }),
  };
}
