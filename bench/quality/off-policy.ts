// Off-policy estimates against what truly happened: Open Bandit's sample, where the target policy was live as well, and
// the generated world, where an artifact's true click-through rate on the very rows of the log is known.

import { createRng, type Rng } from "../../src/base/rng.ts";
import { toInteractions } from "../../src/data/interactions.ts";
import type { RawTable } from "../../src/data/raw-table.ts";
import { clickChance } from "../../src/data/world/sessions.ts";
import { dotRows } from "../../src/data/world/vectors.ts";
import { generateWorld } from "../../src/data/world/world.ts";
import { type Estimate, estimatePolicies } from "../../src/evidence/off-policy/estimate.ts";
import { type ImpressionLog, logColumns, readLog } from "../../src/evidence/off-policy/log.ts";
import type { Policy } from "../../src/evidence/off-policy/policy.ts";
import type { Kernels } from "../../src/kernels/kernels.ts";
import ials from "../../src/models/ials.ts";
import { onnxRuntime } from "../../src/node/onnx-runtime.ts";
import { readRows } from "../../src/node/rows.ts";
import { openKernels } from "../../src/node/threads.ts";
import int2Row from "../../src/passes/int2-row.ts";
import { artifactPolicy } from "../../src/pipeline/people/artifact-policy.ts";
import { offPolicyOf } from "../../src/pipeline/people/off-policy.ts";
import { defineCase, type QualityContext } from "../case.ts";

const estimators = ["ips", "clipped-ips", "snips", "dm", "dr", "sndr", "switch-dr", "dr-os"].map((use) => ({ use }));

export default defineCase({
  name: "off-policy",
  summary:
    "Open Bandit's sample: BTS's click-through rate from the log of the random policy, beside its own; and the world: estimates of iALS and of its 2-bit rows, whose intervals must hold their true rates.",
  async run(context) {
    const kernels = await openKernels();
    try {
      return {
        ...(await openBandit(context, "men")),
        ...(await openBandit(context, "women")),
        ...(await onWorld(kernels, context)),
      };
    } finally {
      await kernels.close();
    }
  },
});

const settings = (rng: Rng) => ({ estimators, level: 0.95, replicates: 1000, rng });
const said = ({ estimate, interval, refused }: Estimate): string =>
  estimate === undefined
    ? `refused: ${refused}`
    : `${estimate.toFixed(5)} (${interval?.map((x) => x.toFixed(5)).join(" to ") ?? refused})`;

async function openBandit({ data }: QualityContext, campaign: string): Promise<Record<string, string>> {
  const load = async (policy: string) => readLog(await tableOf(data(`obp/${policy}/${campaign}`), campaign), campaign);
  const [random, bts] = [await load("random"), await load("bts")];
  const found = offPolicyOf(
    random,
    [{ name: "bts", policy: averagePolicy(bts, random) }],
    settings(createRng(campaign)),
  );
  const own = estimatePolicies(bts, [], { methods: [], level: 0.95, replicates: 1000, rng: createRng(campaign) });
  const rows = found.policies[0]!.estimates.map((e) => [`obp ${campaign} bts from random, ${e.method}`, said(e)]);
  return { [`obp ${campaign} bts on its own log`]: said(own.logged), ...Object.fromEntries(rows) };
}

function tableOf(folder: string, campaign: string): Promise<RawTable> {
  const from = { item: "item_id", reward: "click", propensity: "propensity_score", position: "position" };
  const columns = Object.entries(from).map(([name, column]) => ({ name, from: column, as: logColumns[name]! }));
  return readRows(`${folder}/${campaign}.csv`, { format: "auto", header: true, columns });
}

/** BTS knows nothing of who asks: what it shows at a place is the mean of its propensities there, over its own log. */
function averagePolicy(own: ImpressionLog, log: ImpressionLog): Policy {
  const share = Array.from({ length: log.positions }, () => new Float64Array(log.items.length));
  const code = new Map(log.items.map((id, a) => [id, a]));
  // Σ over rows of 1[a shown] is a count whose mean is the policy's average probability.
  for (let r = 0; r < own.n; r++) share[own.position[r]!]![code.get(own.items[own.action[r]!]!)!]!++;
  const actions = Int32Array.from({ length: log.items.length }, (_, a) => a);
  return {
    answers: () => true,
    show(_, position) {
      const total = share[position]!.reduce((sum, n) => sum + n, 0);
      return { actions, probability: share[position]!.map((n) => n / total) };
    },
  };
}

/** A model of what was clicked before day 80, judged on what was shown after it. */
async function onWorld(kernels: Kernels, { note }: QualityContext): Promise<Record<string, string>> {
  const options = {
    users: 3000,
    items: 400,
    clicks: 200_000,
    categories: 16,
    days: 90,
    drift: 0.5,
    skew: 1,
    explore: 0.2,
  };
  const world = generateWorld(options, createRng("world/1"));
  const { events, exposures, truth } = world;
  const cut = truth.span[0] + 80 * 86_400;
  const train = toInteractions(events, (e) => events.time![e]! < cut);
  const fitted = await ials.fit(train, ials.options.parse({ d: 32 }), {
    ...{ kernels, runtime: onnxRuntime({ threads: 1 }), rng: createRng(1), progress() {} },
  });
  const small: Record<string, unknown> = {};
  for (const name of ["user", "item"] as const) {
    small[name] = await int2Row.encode(
      fitted.tables[name]!,
      int2Row.options.parse({}),
      { kernels, rng: createRng(1) },
      name,
    );
  }
  note("fitted");
  const after = Array.from(exposures.time.keys()).filter((e) => exposures.time[e]! >= cut);
  const log: ImpressionLog = {
    ...{ n: after.length, items: events.items, placed: false, positions: 1, position: new Int32Array(after.length) },
    action: Int32Array.from(after, (e) => exposures.item[e]!),
    context: Int32Array.from(after, (e) => exposures.user[e]!),
    contexts: events.users.map((user) => ({ user })),
    reward: Float64Array.from(after, (e) => exposures.clicked[e]!),
    propensity: Float64Array.from(after, (e) => exposures.propensity[e]!),
    unit: Int32Array.from(after, (e) => exposures.user[e]!),
    ...{ units: events.users.length, excluded: [] },
  };
  const common = { itemIds: events.items, userIds: events.users, histories: train };
  const artifacts = {
    ials: { ...common, recommender: fitted },
    int2: { ...common, recommender: { ...fitted, tables: small } },
  };
  const choice = { shows: { slots: 10 }, amongLogged: false };
  const policies = Object.entries(artifacts).map(([name, artifact]) => ({
    name,
    policy: artifactPolicy(artifact, kernels, log, choice),
  }));
  const clicked = new Set(
    Array.from(events.user.keys())
      .filter((e) => events.time![e]! < cut)
      .map((e) => events.user[e]! * options.items + events.item[e]!),
  );
  const found = offPolicyOf(log, policies, settings(createRng("world")));
  const figures: Record<string, string> = { "world rows": String(log.n), "world logged": said(found.logged) };
  const rates = policies.map(({ policy }) => trueRate(policy, new Set(clicked)));
  for (const [t, { name, estimates, support }] of found.policies.entries()) {
    figures[`world ${name}, true`] = rates[t]!.toFixed(5);
    figures[`world ${name}, effective rows`] = support.effectiveSampleSize.toFixed(0);
    for (const e of estimates) figures[`world ${name}, ${e.method}`] = said(e);
  }
  figures["world ials less int2, true"] = (rates[0]! - rates[1]!).toFixed(5);
  for (const e of found.differences!) figures[`world ials less int2, ${e.method}`] = said(e);
  return figures;

  /** The mean chance of a click over the rows, had the policy chosen; nobody clicks the same twice. */
  function trueRate(policy: Policy, taken: Set<number>): number {
    let sum = 0;
    for (const [r, e] of after.entries()) {
      const user = exposures.user[e]!;
      const gone = (exposures.time[e]! - truth.span[0]) / (truth.span[1] - truth.span[0]);
      const { actions, probability } = policy.show(user, 0);
      for (const [i, item] of actions.entries()) {
        if (taken.has(user * options.items + item)) continue;
        const likes = (of: Float32Array) => dotRows(of, user, truth.itemTaste, item, truth.dims);
        sum += probability[i]! * clickChance(likes(truth.userTaste) + gone * likes(truth.userDrift), truth.bait[item]!);
      }
      if (log.reward[r]) taken.add(user * options.items + log.action[r]!);
    }
    return sum / log.n;
  }
}
