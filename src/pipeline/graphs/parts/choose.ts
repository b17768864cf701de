// Which parts of a graph go: each is taken out alone, really, and the graph is run over rows. The one that costs least goes,
// then the others are tried again without it, for what two fields say may be the same. With labels a part costs what the
// log loss rises, without them how far answers move.

import type { ForeignArtifact } from "../../../artifact/foreign.ts";
import { must, suggest, UserError } from "../../../base/errors.ts";
import { createRng } from "../../../base/rng.ts";
import { drawRows } from "../../../data/raw-table.ts";
import { targets } from "../../../data/targets.ts";
import type { Graph } from "../../../graph/graph.ts";
import type { Runtime } from "../../../graph/runtime.ts";
import { encodeOnnx } from "../../../onnx/encode.ts";
import { inspectModel } from "../../../recommender/foreign/inspect.ts";
import { differentiable } from "../../import-model.ts";
import { type RowFeeds, rowFeeds } from "../../row-feeds.ts";
import { runOn } from "../../run-on.ts";
import { sampleFeeds } from "../../sample-feeds.ts";
import { answerOf } from "../answer.ts";
import { logitsByRuntime, qualityOf } from "../answer-rows.ts";
import type { LabelledRows } from "../compress-graph.ts";
import { apart, variance } from "../sensitivity.ts";
import { blocksOf } from "./blocks.ts";
import { expertsOf } from "./experts.ts";
import { fieldsOf } from "./fields.ts";
import { headsOf } from "./heads.ts";
import { meansOver } from "./means.ts";
import { type Cut, type Feeds, type Part, type PartKind, type PartWishes, partKinds, type Whole } from "./part.ts";
import { meansWanted, without } from "./without.ts";

export interface PartReport {
  readonly kind: PartKind;
  readonly name: string;
  /** Whether it was taken out. */
  readonly gone: boolean;
  /** The root mean square of what answers moved without it alone, in shares of their standard deviation. */
  readonly moves?: number;
  /** With labels: what AUC lost without it alone. */
  readonly lost?: number;
  /** Why it cannot go. */
  readonly refused?: string;
}

const finders: Readonly<Record<PartKind, (whole: Whole) => readonly Part[]>> = {
  fields: fieldsOf,
  heads: headsOf,
  experts: expertsOf,
  blocks: blocksOf,
};

/** Rows to measure on, at most; made-up ones where none are given. */
const [most, madeUp, batch] = [8192, 1024, 4096];
/** Of the variance of answers: what rounding alone may move. */
const rounding = 1e-10;

/** What is left of the artifact without the parts that were wished away; where nothing can go it is a UserError. */
export async function cutParts(
  artifact: ForeignArtifact,
  wishes: PartWishes,
  rows: LabelledRows | undefined,
  runtime: Runtime,
): Promise<{ readonly cut: Cut; readonly parts: readonly PartReport[] }> {
  return cutWith(artifact, wishes, trialOf(artifact, rows, runtime));
}

/** The same, of anything that has a graph, measured by `trial`. */
export async function cutWith(
  whole: Whole,
  wishes: PartWishes,
  trial: Trial,
): Promise<{ readonly cut: Cut; readonly parts: readonly PartReport[] }> {
  let cut: Cut = { ...whole, adapt: (feeds) => feeds };
  const parts: PartReport[] = [];
  for (const kind of partKinds) {
    const wish = wishes[kind];
    if (wish === undefined) continue;
    const found = await cutKind(kind, wish, cut, trial);
    cut = found.cut;
    parts.push(...found.parts);
  }
  return { cut, parts };
}

export interface Trial {
  readonly feeds: readonly Feeds[];
  readonly runtime: Runtime;
  /** What a cut answers, and where there are labels how good that is. */
  answers(cut: Cut): Promise<{ readonly answers: Float32Array; readonly auc?: number; readonly loss?: number }>;
}

async function cutKind(kind: PartKind, wish: number | readonly string[], begun: Cut, trial: Trial) {
  const all = finders[kind](begun);
  if (all.length === 0) throw new UserError(`it has no ${kind} that could go: ${reasons[kind]}.`);
  const named = typeof wish === "number" ? undefined : wish.map((name) => partNamed(all, name, kind));
  const before = await trial.answers(begun);
  const spread = Math.max(variance(before.answers), Number.MIN_VALUE);
  const notes = new Map<string, Pick<PartReport, "moves" | "lost" | "refused">>();
  /** What each of them costs beside those that are gone. */
  const costs = async (gone: readonly Part[], tried: readonly Part[]) => {
    const able = tried.flatMap((part) => {
      try {
        return [[part, meansWanted(begun, [...gone, part])] as const];
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        if (!notes.has(part.name)) notes.set(part.name, { refused: error.message });
        return [];
      }
    });
    const wanted = new Map(able.flatMap(([, own]) => [...own]));
    const means = await meansOver(begun.graph, wanted, trial.feeds.map(begun.adapt), trial.runtime);
    const found: { part: Part; cut: Cut; cost: number; moved: number }[] = [];
    for (const [part] of able) {
      const left = after(begun, without(begun, [...gone, part], means));
      const now = await trial.answers(left);
      const moved = apart(before.answers, now.answers) / spread;
      found.push({ part, cut: left, cost: now.loss ?? moved, moved });
      if (notes.has(part.name)) continue;
      const lost = before.auc === undefined ? undefined : before.auc - now.auc!;
      notes.set(part.name, { moves: Math.sqrt(moved), ...(lost !== undefined && { lost }) });
    }
    return found;
  };
  const first = await costs([], named ?? all);
  const blocked = named?.find((part) => !first.some((one) => one.part === part));
  if (blocked || first.length === 0) {
    const [name, why] = [...notes].find(([one]) => !blocked || one === blocked.name)!;
    throw new UserError(`${name} cannot go: ${why.refused}`);
  }
  const count = named?.length ?? (wish === 0 ? first.length : Math.round((wish as number) * first.length));
  if (count === 0) throw new UserError(`a share of ${wish} of ${first.length} ${kind} is none; give a larger one.`);
  const gone: Part[] = [];
  let cut = begun;
  for (let round = first; gone.length < count; ) {
    const beside = ({ group }: Part) => all.filter((one) => one.group === group && !gone.includes(one)).length;
    const stays = (part: Part) => part.group === undefined || beside(part) > 1;
    const free = round.filter(({ part, moved }) => stays(part) && (wish !== 0 || moved <= rounding));
    const next = free.sort((a, b) => a.cost - b.cost)[0];
    if (!next) break;
    gone.push(next.part);
    cut = next.cut;
    const left = first.map(({ part }) => part).filter((part) => !gone.includes(part));
    if (gone.length < count) round = await costs(gone, left);
  }
  if (gone.length === 0)
    throw new UserError(
      wish === 0
        ? `every one of its ${kind} changes some answer; give a share above 0.`
        : `one of its ${kind} has to stay.`,
    );
  if (named && gone.length < named.length) throw new UserError(`one of its ${kind} has to stay; name fewer.`);
  const parts = all.flatMap((part): PartReport[] => {
    const note = notes.get(part.name);
    return note ? [{ kind, name: part.name, gone: gone.includes(part), ...note }] : [];
  });
  return { cut, parts };
}

const reasons: Readonly<Record<PartKind, string>> = {
  fields: "no input has a column of its own for each",
  heads: "no attention of several heads between its own weights was found",
  experts: "no gate over experts was found",
  blocks: "no block gives what it reads, in shape",
};

/** One cut behind another. */
const after = (first: Cut, then: Cut): Cut => ({ ...then, adapt: (feeds) => then.adapt(first.adapt(feeds)) });

function partNamed(all: readonly Part[], name: string, kind: PartKind): Part {
  const found = all.find((part) => part.name === name);
  const names = all.map((part) => part.name);
  if (!found) throw new UserError(`it has no ${kind} called "${name}". ${suggest(name, names)}`);
  return found;
}

function trialOf(artifact: ForeignArtifact, rows: LabelledRows | undefined, runtime: Runtime): Trial {
  if (!rows) {
    const made = sampleFeeds(inspectModel(artifact.graph, differentiable), madeUp, createRng("compress"));
    return plainTrial([made], runtime);
  }
  const table = drawRows(rows.table, most, createRng("compress").fork("rows"));
  const own = rowFeeds(artifact, table);
  const feeds = Array.from(own.batches({ batch }), ({ feeds: one }) => copied(one));
  if (rows.label === undefined) return plainTrial(feeds, runtime);
  const { label } = targets(table, { label: rows.label, threshold: rows.threshold });
  return {
    ...{ feeds, runtime },
    async answers(cut) {
      const answers = await logitsByRuntime(answerOf(cut.graph, cut.manifest), adapted(own, cut), runtime, rows.file);
      const { auc, "log-loss": loss } = qualityOf(label, answers);
      return { answers, auc, loss };
    },
  };
}

/** A batch of its own: the memory of a batch of columns holds the next one later. */
export const copied = (feeds: Feeds): Feeds =>
  Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, { ...tensor, data: tensor.data.slice() }]));

/** Rows as a cut reads them. */
export const adapted = (rows: RowFeeds, { adapt }: Pick<Cut, "adapt">): RowFeeds => ({
  ...rows,
  *batches(options) {
    for (const { rows: which, feeds } of rows.batches(options)) yield { rows: which, feeds: adapt(feeds) };
  },
});

function plainTrial(feeds: readonly Feeds[], runtime: Runtime): Trial {
  return {
    ...{ feeds, runtime },
    answers: async ({ graph, adapt }) => ({ answers: await answersBy(graph, feeds.map(adapt), runtime) }),
  };
}

/** All that a graph answers, batch after batch. */
export async function answersBy(graph: Graph, feeds: readonly Feeds[], runtime: Runtime): Promise<Float32Array> {
  const session = await runtime.open(encodeOnnx(graph));
  try {
    const found: number[] = [];
    for (const own of feeds) {
      const wanted = session.inputs.map((name) => [name, must(own[name], `feed "${name}"`)] as const);
      const answers = await runOn(session, Object.fromEntries(wanted), "the rows to measure on");
      for (const { data } of Object.values(answers)) for (const x of data) found.push(Number(x));
    }
    return Float32Array.from(found);
  } finally {
    await session.close();
  }
}
