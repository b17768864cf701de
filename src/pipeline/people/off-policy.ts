// What click-through rate policies would have had on a log: artifacts of ours, or one whose probabilities are a column.

import type { Asked } from "../../artifact/answers.ts";
import { UserError } from "../../base/errors.ts";
import type { Rng } from "../../base/rng.ts";
import { estimatePolicies, type OffPolicy, type Target } from "../../evidence/off-policy/estimate.ts";
import { type ImpressionLog, restrict } from "../../evidence/off-policy/log.ts";
import { type Policy, placeOn } from "../../evidence/off-policy/policy.ts";
import { fitCells } from "../../evidence/off-policy/reward-model.ts";
import type { Kernels } from "../../kernels/kernels.ts";
import { parseOptions } from "../../kinds/options.ts";
import { registry } from "../registry.ts";
import { artifactPolicy, type PolicyChoice } from "./artifact-policy.ts";

export interface OffPolicyOptions {
  /** Estimators, by name, with their options. */
  readonly estimators: readonly { readonly use: string; readonly options?: unknown }[];
  readonly level: number;
  readonly replicates: number;
  readonly rng: Rng;
}

const methodsOf = ({ estimators }: OffPolicyOptions) =>
  estimators.map(({ use, options }) => {
    const method = registry.find("estimator", use, "estimator");
    return { method, options: parseOptions(method.options, options, `estimator ${use}`) };
  });

/** The policy whose probabilities the log's own column holds. */
export function offPolicyOfColumn(log: ImpressionLog, options: OffPolicyOptions): OffPolicy {
  const { chosen, model } = log;
  if (!chosen)
    throw new UserError(
      "off-policy: the log has no column with the policy's probabilities; name it or give an artifact.",
    );
  const target: Target = { name: "column", chosen, ...(model && { model }) };
  return estimatePolicies(log, [target], { ...options, methods: methodsOf(options) });
}

/** Each of the named policies on the rows that all of them have an answer to. */
export function offPolicyOf(
  whole: ImpressionLog,
  policies: readonly { readonly name: string; readonly policy: Policy }[],
  options: OffPolicyOptions,
): OffPolicy {
  const answered = (r: number) => policies.every(({ policy }) => policy.answers(whole.context[r]!));
  const log = restrict(whole, answered, "people whom a policy cannot answer");
  if (log.n === 0)
    throw new UserError(
      "off-policy: no row is of somebody whom the artifact can answer; give their users or histories.",
    );
  const model = fitCells(log, options.rng.fork("folds"));
  const targets = policies.map(({ name, policy }) => ({ name, ...placeOn(log, policy, model) }));
  return estimatePolicies(log, targets, { ...options, methods: methodsOf(options) });
}

/** Artifacts, the first against the second where there are two. */
export function offPolicyOfArtifacts(
  log: ImpressionLog,
  artifacts: readonly { readonly name: string; readonly artifact: Asked }[],
  kernels: Kernels,
  choice: PolicyChoice,
  options: OffPolicyOptions,
): OffPolicy {
  const opened = artifacts.map(({ name, artifact }) => ({
    name,
    policy: artifactPolicy(artifact, kernels, log, choice),
  }));
  try {
    return offPolicyOf(log, opened, options);
  } finally {
    for (const { policy } of opened) policy.free();
  }
}
