// Fitting one model to the train part, guided by a teacher or not: the stage behind teachers and students alike.

import { UserError } from "../base/errors.ts";
import { createRng } from "../base/rng.ts";
import { tableFingerprint } from "../data/fingerprint.ts";
import type { Guidance } from "../kinds/guidance.ts";
import type { Recommender } from "../recommender/recommender.ts";
import type { PassOutcome, StepOutcome, Variant } from "../report/results.ts";
import type { Parts } from "./divide.ts";
import type { Step } from "./recipe.ts";
import { decodeRecommender, encodeRecommender } from "./recommender-files.ts";
import { registry } from "./registry.ts";
import { type Keyed, runStage } from "./stage.ts";
import type { Surroundings } from "./surroundings.ts";

/** A recommender on its way through the flow; `key` names its bytes. */
export interface Candidate extends Pick<Variant, "name" | "role" | "method"> {
  readonly of?: string;
  readonly passes?: readonly PassOutcome[];
  readonly steps?: readonly StepOutcome[];
  readonly recommender: Recommender;
  readonly key: string;
}

const version = 3;

/** Fits `step` to the train part; `guidance` is made only when no earlier run kept the result. */
export async function fitModel(
  step: Step,
  parts: Parts,
  seed: number,
  guide: { readonly plan: unknown; readonly inputs: readonly string[]; make(): Guidance } | undefined,
  label: string,
  around: Surroundings,
): Promise<Keyed<Recommender>> {
  const { use, ...options } = step;
  const model = registry.find("model", use, "model");
  const { userFeatures, itemFeatures } = model.readsFeatures ? parts : {};
  const features = { ...(userFeatures && { userFeatures }), ...(itemFeatures && { itemFeatures }) };
  const described = Object.entries(features).map(
    ([name, table]) => `${name} ${tableFingerprint(table, new Uint8Array(0))}`,
  );
  return runStage(
    {
      ...{ stage: "fit", version, label, encode: encodeRecommender, decode: decodeRecommender },
      options: { use, options, seed, guide: guide?.plan },
      inputs: [parts.hash, ...described, ...(guide?.inputs ?? [])],
      async compute(progress) {
        const fitted = await model.fit(parts.train, options, {
          ...{ kernels: around.kernels, runtime: around.runtime, rng: createRng(seed).fork(`fit/${use}`), progress },
          ...(parts.validation.indices.length > 0 && { validation: parts.validation }),
          ...(guide && { guidance: guide.make() }),
          features,
        });
        refuseDiverged(fitted, label);
        return fitted;
      },
    },
    around,
  );
}

/** A model whose training diverged holds NaN or infinities and would rank nothing; nobody is served by it. */
function refuseDiverged(recommender: Recommender, label: string): void {
  for (const [name, table] of Object.entries(recommender.tables)) {
    const { data } = table.tensors;
    if (!(data instanceof Float32Array)) continue;
    const at = data.findIndex((value) => !Number.isFinite(value));
    if (at < 0) continue;
    const row = Math.floor(at / table.cols);
    throw new UserError(
      `${label}: training diverged: table "${name}" holds ${data[at]} in row ${row}; lower learningRate or raise decay.`,
    );
  }
}
