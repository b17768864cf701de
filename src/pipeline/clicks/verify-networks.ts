// verify, of a run of clicks: the log is read, its networks are opened and what follows from them alone is found again.

import type { ForeignArtifact } from "../../artifact/foreign.ts";
import { must } from "../../base/errors.ts";
import type { ClickResults, NetworkResult } from "../../report/clicks/results.ts";
import { differences } from "../differences.ts";
import { leaves, numbersOf, type Verified } from "../verify.ts";
import { clickGatesOf } from "./gates.ts";
import { judgeNetworks } from "./judge-networks.ts";
import { qualityOf } from "./measure-networks.ts";
import type { ClickRecipe } from "./recipe.ts";
import { scoreArtifacts } from "./score-artifacts.ts";

/** Scores the log's rows by the artifacts, one a network of the results in their order, and compares. */
export async function verifyNetworks(
  results: ClickResults,
  artifacts: readonly { readonly name: string; readonly artifact: ForeignArtifact }[],
  recipe: ClickRecipe,
  around: Parameters<typeof scoreArtifacts>[2],
): Promise<Verified> {
  const { log, slices, scored } = await scoreArtifacts(artifacts, recipe, around);
  const { fingerprint } = results.clicklog;
  const other = differences("data:", { fingerprint }, { fingerprint: log.fingerprint });
  if (other.length > 0) return { compared: 1, differences: other };
  const claimed = new Map(results.networks.map((network) => [network.name, network]));
  const measured = artifacts.map(({ name }, at) => {
    const result = must(claimed.get(name), name);
    const network = must(
      recipe.networks.find((one) => one.name === name),
      name,
    );
    return {
      network,
      predictions: scored[at]!,
      result: { ...result, ...qualityOf(scored[at]!, slices, recipe.evaluate) },
    };
  });
  const sealed = measured.map(({ result }) => ({ result, stage: { stage: "", key: "" } }));
  const judged = judgeNetworks(sealed, measured, clickGatesOf(recipe, { slices }), { slices }, recipe);
  const all = judged.map(({ result }) => ({
    name: result.name,
    was: followed(must(claimed.get(result.name), result.name)),
    is: followed(result),
  }));
  return {
    compared: 1 + all.reduce((sum, { is }) => sum + leaves(is), 0),
    differences: all.flatMap(({ name, was, is }) => differences(`${name}:`, was, is)),
  };
}

const followed = ({ metrics, standardError, slices, calibration, gates }: NetworkResult): unknown =>
  JSON.parse(JSON.stringify({ metrics, standardError, slices, calibration, gates: gates?.map(numbersOf) }));
