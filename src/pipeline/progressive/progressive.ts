// A variant that is compressed step by step. Each step puts harder passes in place of those before, distils back what they
// took, and is kept if the gate passes on the validation part; the first that does not ends it, and the last that was
// kept ships. Every step is a stage of its own, so a run that was interrupted goes on from the last that was done.

import { UserError } from "../../base/errors.ts";
import { createRng } from "../../base/rng.ts";
import { cannotRecover, recoverEpoch } from "../../engine/recover.ts";
import { parseGate } from "../../evidence/gates/gate.ts";
import type { Guidance, TeacherLists } from "../../kinds/guidance.ts";
import type { Recommender } from "../../recommender/recommender.ts";
import { dropOutcome } from "../../report/gate-words.ts";
import type { PassOutcome, StepOutcome } from "../../report/results.ts";
import { decodeTable } from "../../tables/decode.ts";
import { f32Table, tableBytes } from "../../tables/table.ts";
import { type Bench, benchOf } from "../bench.ts";
import { applyPasses, metIn, type PassStep } from "../compress.ts";
import type { Parts } from "../divide.ts";
import type { Candidate } from "../fit.ts";
import { gateable, speechOf } from "../gates.ts";
import { decideDrop } from "../judge-gate.ts";
import { rank } from "../measure.ts";
import type { Data } from "../read-data.ts";
import type { Recipe, Step } from "../recipe.ts";
import { decodeRecommender, encodeRecommender } from "../recommender-files.ts";
import { registry } from "../registry.ts";
import { type Files, type Keyed, runStage } from "../stage.ts";
import type { Surroundings } from "../surroundings.ts";
import { teacherLists } from "../teacher-lists.ts";
import { firstOf, isModel, type Teacher } from "../teachers/teacher.ts";
import type { ProgressivePlan, Recovery } from "./options.ts";

const version = 1;

/** What a step leaves: what goes on learning, what would ship, and what the passes did. */
interface Made {
  readonly latent: Recommender;
  readonly shipped: Recommender;
  readonly passes: readonly PassOutcome[];
}

export interface Progressed extends Pick<Candidate, "key" | "recommender"> {
  readonly passes: readonly PassOutcome[];
  readonly steps: readonly StepOutcome[];
}

/** Runs the steps over `source`; the teacher's lists are what they recover from. */
export async function compressProgressively(
  name: string,
  source: Candidate,
  plan: ProgressivePlan,
  teacher: Teacher,
  data: Data,
  parts: Parts,
  recipe: Recipe,
  around: Surroundings,
): Promise<Progressed> {
  const where = `variants (${name}).progressive`;
  const refusal = plan.recover && cannotRecover(source.recommender);
  if (refusal !== undefined) {
    throw new UserError(`${where}.recover: ${source.name} cannot learn in steps: ${refusal}; leave recover out.`);
  }
  const lists = plan.recover && (await listsOf(teacher, parts, plan.recover.topN, around));
  const judge = await judgeOf(where, source, plan, data, parts, recipe, around);
  let kept: Progressed = { key: source.key, recommender: source.recommender, passes: [], steps: [] };
  let before: Keyed<Recommender> = { key: source.key, value: decoded(source.recommender) };
  for (const [s, chain] of plan.steps.entries()) {
    const label = `${name}, step ${s + 1} of ${plan.steps.length}`;
    const made = await makeStep(label, chain, before, plan.recover, lists, parts, recipe.seed, around);
    const { shipped, passes, latent } = made.value;
    const gate = await judge({ ...source, name: label, key: made.key, recommender: shipped });
    const bytes = Object.values(shipped.tables).reduce((sum, table) => sum + tableBytes(table), 0);
    const steps = [...kept.steps, { passes: chain.map(({ use }) => use), bytes, gate }];
    if (gate.verdict !== "pass") return { ...kept, steps };
    kept = { key: made.key, recommender: shipped, passes, steps };
    before = { key: made.key, value: latent };
  }
  return kept;
}

/** Against what is compressed, on the validation part. */
async function judgeOf(
  where: string,
  source: Candidate,
  { gate: entry }: ProgressivePlan,
  data: Data,
  parts: Parts,
  recipe: Recipe,
  around: Surroundings,
) {
  if (parts.validation.indices.length === 0) {
    throw new UserError(`${where}: its gate is judged on the validation part, and the split makes none; give it one.`);
  }
  const { candidates: _, ...evaluate } = recipe.evaluate;
  const held = { ...recipe, evaluate: { ...evaluate, part: "validation" as const, slices: [] } };
  const bench: Bench = await benchOf(data, parts, held, around);
  const gate = parseGate(entry, gateable(bench.metrics, evaluate.ks), `${where}.gate`);
  if (gate.kind !== "drop")
    throw new UserError(`${where}.gate: it must be a drop, such as { metric: "ndcg@20", maxDrop: 1% }.`);
  const listsOfOne = async (one: Candidate) => {
    const { key, value } = await rank(one, bench, parts, held, around);
    return { name: one.name, key, lists: value } as Parameters<typeof decideDrop>[1]["own"];
  };
  const reference = await listsOfOne(source);
  return async (one: Candidate) => {
    const rng = createRng(recipe.seed).fork(`progressive/${one.name}`);
    const decision = decideDrop(gate, { teacher: reference, own: await listsOfOne(one) }, bench, evaluate.ks, rng);
    return dropOutcome(gate, decision, speechOf(bench.metrics, source.name));
  };
}

async function listsOf(
  teacher: Teacher,
  parts: Parts,
  topN: number,
  around: Surroundings,
): Promise<Keyed<TeacherLists>> {
  return isModel(teacher)
    ? teacherLists(teacher, parts, topN, around)
    : { key: teacher.key, value: firstOf(teacher.lists, topN) };
}

function makeStep(
  label: string,
  chain: readonly Step[],
  before: Keyed<Recommender>,
  recover: Recovery | undefined,
  lists: Keyed<TeacherLists> | undefined,
  parts: Parts,
  seed: number,
  around: Surroundings,
): Promise<Keyed<Made>> {
  return runStage<Made>(
    {
      ...{ stage: "progressive", version, label, options: { chain, recover, seed } },
      inputs: [before.key, parts.hash, ...(lists ? [lists.key] : [])],
      ...{ encode: encodeMade, decode: decodeMade },
      async compute(progress) {
        const rng = createRng(seed).fork("progressive");
        const context = { kernels: around.kernels, rng: rng.fork("passes"), met: metIn(parts.train) };
        const steps = chain.map(({ use, ...options }) => ({ pass: registry.find("pass", use, label), options }));
        // A pass over the space of all vectors changes what learns, once; one over a table is what it learns under.
        const isSpace = ({ pass }: PassStep) => "transform" in pass;
        const space = await applyPasses(before.value, steps.filter(isSpace), context);
        const project = (latent: Recommender) =>
          applyPasses(
            latent,
            steps.filter((one) => !isSpace(one)),
            context,
          );
        let latent = space.recommender;
        if (recover && lists) {
          const guidance = guidanceOf(recover, lists.value);
          for (let epoch = 0; epoch < recover.epochs; epoch++) {
            const projected = (await project(latent)).recommender;
            const own = rng.fork(`epoch ${epoch}`);
            latent = await recoverEpoch(around.kernels, latent, projected, parts.train, guidance, recover, own);
            progress(epoch + 1, recover.epochs);
          }
        }
        const last = await project(latent);
        return { latent, shipped: last.recommender, passes: [...space.passes, ...last.passes] };
      },
    },
    around,
  );
}

function guidanceOf(
  { loss: name, epochs: _, learningRate: __, batch: ___, topN: ____, ...options }: Recovery,
  lists: TeacherLists,
): Guidance {
  const loss = registry.find("loss", name, "recover");
  return { lists, alpha: 1, terms: [{ loss, options, weight: 1 }], teacher: undefined };
}

/** With dense tables, which can learn. */
const decoded = (recommender: Recommender): Recommender => ({
  ...recommender,
  tables: Object.fromEntries(
    Object.entries(recommender.tables).map(([name, table]) => [
      name,
      f32Table(table.rows, table.cols, decodeTable(table)),
    ]),
  ),
});

const outcomes = "passes.json";
const halves = ["latent", "shipped"] as const;

const encodeMade = (made: Made): Files => ({
  ...Object.fromEntries(
    halves.flatMap((part) =>
      Object.entries(encodeRecommender(made[part])).map(([file, bytes]) => [`${part}-${file}`, bytes]),
    ),
  ),
  [outcomes]: new TextEncoder().encode(JSON.stringify(made.passes)),
});

function decodeMade(files: Files): Made {
  const [latent, shipped] = halves.map((part) =>
    decodeRecommender(
      Object.fromEntries(
        Object.entries(files).flatMap(([file, bytes]) =>
          file.startsWith(`${part}-`) ? [[file.slice(part.length + 1), bytes]] : [],
        ),
      ),
    ),
  ) as [Recommender, Recommender];
  return { latent, shipped, passes: JSON.parse(new TextDecoder().decode(files[outcomes])) };
}
