// train: every network of the recipe on the training rows, stopped on the validation rows, as one ONNX model each; those
// that teach others before these.

import { bug, must, prefixed } from "../../base/errors.ts";
import { sigmoid } from "../../base/logistic.ts";
import { createRng, type Rng } from "../../base/rng.ts";
import { clickMetrics } from "../../data/click-metrics/index.ts";
import { batches, type Examples } from "../../data/examples.ts";
import { networkGraph } from "../../engine/network-graph.ts";
import { type NetworkSize, networkSize } from "../../engine/network-size.ts";
import { binaryCrossEntropy } from "../../engine/objectives/pointwise.ts";
import { graphOptimizer } from "../../engine/optimizers/optimizer.ts";
import { learningRates } from "../../engine/schedule.ts";
import { tableMemories } from "../../engine/tables/memories.ts";
import type { Model } from "../../engine/training/model.ts";
import { openTables } from "../../engine/training/open-tables.ts";
import { taughtModel } from "../../engine/training/taught-model.ts";
import { readingNote, train } from "../../engine/training/train.ts";
import { createTrainer, type Trainer } from "../../engine/training/trainer.ts";
import type { Objective } from "../../engine/training/training-graph.ts";
import { decodeOnnx } from "../../onnx/decode.ts";
import { encodeOnnx } from "../../onnx/encode.ts";
import { wishesOf } from "../graphs/parts/part.ts";
import type { Step } from "../recipe.ts";
import { registry } from "../registry.ts";
import { type Files, type Keyed, runStage, type Unfinished } from "../stage.ts";
import type { Surroundings } from "../surroundings.ts";
import { ensembleUse, teachersOf } from "./distil-options.ts";
import { ensembleGraph } from "./ensemble-graph.ts";
import { type PackedOptions, packedUse, packNetwork } from "./pack-network.ts";
import { answering, answers, firstRows } from "./predict.ts";
import type { Clicks } from "./read-clicks.ts";
import type { ClickRecipe, NetworkStep } from "./recipe.ts";
import { type Lesson, lessonFeeds, prepareLesson } from "./teach.ts";
import { decodeTraining, type EpochReading, encodeTraining } from "./training-state.ts";

export interface TrainedNetwork {
  readonly network: NetworkStep;
  /** Names the model's bytes. */
  readonly key: string;
  readonly onnx: Uint8Array;
  readonly size: NetworkSize;
  /** The epoch whose weights these are. */
  readonly kept: number;
  readonly curve: readonly EpochReading[];
}

type Outcome = Omit<TrainedNetwork, "network" | "key">;

const version = 2;
/** Of networks that are packed, which what they are packed of does not hang on. */
const packedVersion = 3;
const predictedAtOnce = 4096;
const checkedRows = 1000;

/** The trained networks, in the recipe's order. */
export async function trainNetworks(
  clicks: Clicks,
  recipe: ClickRecipe,
  around: Surroundings,
): Promise<TrainedNetwork[]> {
  const trained = new Map<string, TrainedNetwork>();
  const train = async (name: string): Promise<TrainedNetwork> => {
    const before = trained.get(name);
    if (before) return before;
    const network = must(
      recipe.networks.find((one) => one.name === name),
      name,
    );
    const teachers: TrainedNetwork[] = [];
    for (const teacher of teachersOf(network)) teachers.push(await train(teacher));
    const { key, value } = await (network.use === ensembleUse
      ? joinKept(network, teachers, around)
      : network.use === packedUse
        ? packKept(network, must(teachers[0], name), clicks, around)
        : trainKept(network, teachers, clicks.seenBy(network), recipe, around));
    const made = { network, key, ...value };
    trained.set(name, made);
    return made;
  };
  const all: TrainedNetwork[] = [];
  for (const { name } of recipe.networks) all.push(await train(name));
  return all;
}

const kept = {
  encode: ({ onnx, ...rest }: Outcome) => ({
    "model.onnx": onnx,
    "training.json": new TextEncoder().encode(JSON.stringify(rest)),
  }),
  decode: (files: Files): Outcome => ({
    ...(JSON.parse(new TextDecoder().decode(files["training.json"])) as Omit<Outcome, "onnx">),
    onnx: files["model.onnx"] ?? bug("a kept network has no model.onnx"),
  }),
};

async function trainKept(
  network: NetworkStep,
  teachers: readonly TrainedNetwork[],
  clicks: Clicks,
  { train, seed }: ClickRecipe,
  around: Surroundings,
): Promise<Keyed<Outcome>> {
  const { name, calibrate: _, columns: __, distill, train: otherwise, ...rest } = network;
  const { seed: own = seed, ...options } = { ...train, ...otherwise };
  const step: Step = { ...rest, use: network.use };
  const { teacher, ...plan } = distill ?? {};
  const weights = typeof teacher === "object" ? teacher.weights : "mean";
  const taught = distill && { ...distill, weights };
  const lesson = taught && (await prepareLesson(taught, teachers, clicks, around));
  return runStage<Outcome>(
    {
      ...{ stage: "network", version, label: `train ${name}`, ...kept },
      options: { step, train: options, seed: own, ...(distill && { distill: { ...plan, weights } }) },
      inputs: [clicks.key, ...(lesson?.keys ?? [])],
      compute: (report, unfinished) => {
        const rows = { ...clicks, train: lesson?.rows ?? clicks.train };
        return trainOne(step, lesson, rows, options, own, report, unfinished, around);
      },
    },
    around,
  );
}

/** An ensemble: nothing is trained, the members are joined. */
const joinKept = (
  { name }: NetworkStep,
  members: readonly TrainedNetwork[],
  around: Surroundings,
): Promise<Keyed<Outcome>> =>
  runStage<Outcome>(
    {
      ...{ stage: "network", version, label: `join ${name}`, ...kept },
      ...{ options: { ensemble: "mean of logits" }, inputs: members.map(({ key }) => key) },
      async compute() {
        const graph = ensembleGraph(members.map((one) => decodeOnnx(one.onnx, one.network.name)));
        const sum = (of: (size: NetworkSize) => number) => members.reduce((total, { size }) => total + of(size), 0);
        const size = {
          weights: sum((one) => one.weights),
          tables: sum((one) => one.tables),
          flops: sum((one) => one.flops) + members.length,
        };
        return { onnx: encodeOnnx(answering(graph)), size, kept: 0, curve: [] };
      },
    },
    around,
  );

/** A packed network: nothing is trained. */
const packKept = (
  network: NetworkStep,
  source: TrainedNetwork,
  clicks: Clicks,
  around: Surroundings,
): Promise<Keyed<Outcome>> => {
  const { passes, layers, neurons, ...rest } = network as unknown as PackedOptions;
  const packed = { passes, layers, ...(neurons !== undefined && { neurons }), ...wishesOf(rest) };
  return runStage<Outcome>(
    {
      ...{ stage: "network", version: packedVersion, label: `pack ${network.name}`, ...kept },
      ...{ options: packed, inputs: [source.key] },
      async compute() {
        const { onnx, fewer, flops } = await prefixed(
          network.name,
          packNetwork(
            { onnx: source.onnx, rows: clicks.seenBy(source.network).train, name: network.name },
            packed,
            around,
          ),
        );
        const { weights, tables } = source.size;
        return { onnx, size: { weights: weights - fewer, tables, flops }, kept: 0, curve: [] };
      },
    },
    around,
  );
};

async function trainOne(
  { use, embeddings, ...options }: Step & Pick<NetworkStep, "embeddings">,
  lesson: Lesson | undefined,
  clicks: Clicks,
  plan: ClickRecipe["train"],
  seed: number,
  report: (done: number, total: number, note?: string) => void,
  unfinished: Unfinished,
  around: Surroundings,
): Promise<Outcome> {
  const rng = createRng(seed).fork(`network/${use}`);
  const network = registry.find("network", use, "networks");
  const plain = networkGraph(network, options, clicks.columns.inputs, rng.fork("start"), embeddings);
  const taught = lesson && taughtModel(plain, lesson.teachers, rng.fork("distil"));
  const model = taught?.model ?? plain;
  const memories = tableMemories(around.openKernels);
  try {
    const tables = await openTables(model, memories, plan.tables);
    const trainer = trainerOf(model, taught?.objective ?? labelled, tables, clicks.train.n, plan, rng, around);
    try {
      const { kept, curve } = await runEpochs(trainer, lesson, clicks, plan, rng, report, unfinished, around);
      const trained = taught?.without(trainer.model()) ?? trainer.model();
      const onnx = encodeOnnx(answering(trained.graph));
      await checkParity(trainer, onnx, clicks.validation, around);
      return { onnx, size: networkSize(trained), kept, curve };
    } finally {
      await trainer.close();
    }
  } finally {
    await memories.close();
  }
}

const labelled: Objective = (g, { logits }) => binaryCrossEntropy(g, logits!, g.input("label", "float32", ["batch"]));

function trainerOf(
  model: Model,
  objective: Objective,
  tables: Awaited<ReturnType<typeof openTables>>,
  rows: number,
  plan: ClickRecipe["train"],
  rng: Rng,
  { runtime }: Surroundings,
): Trainer {
  const { optimizer, accumulate, tablesLearningRate, epochs } = plan;
  const updates = Math.floor((Math.ceil(rows / plan.batch) * epochs) / accumulate);
  const rates = (base: number) => learningRates(optimizer.schedule, base, updates);
  return createTrainer({
    ...{
      model,
      objective,
      tables,
      accumulate,
      runtime,
      rng: rng.fork("trainer"),
      optimizer: graphOptimizer(optimizer),
    },
    learningRate: rates(optimizer.learningRate),
    ...(tablesLearningRate !== undefined && { tablesLearningRate: rates(tablesLearningRate) }),
    ...(optimizer.clipNorm !== undefined && { clipNorm: optimizer.clipNorm }),
  });
}

async function runEpochs(
  trainer: Trainer,
  lesson: Lesson | undefined,
  { train: rows, validation }: Clicks,
  { batch, epochs, patience, metric }: ClickRecipe["train"],
  rng: Rng,
  report: (done: number, total: number, note?: string) => void,
  unfinished: Unfinished,
  { clock }: Surroundings,
): Promise<{ kept: number; curve: readonly EpochReading[] }> {
  const before = await unfinished.read();
  const state = before && decodeTraining(before);
  const curve = [...(state?.readings ?? [])];
  let note = "";
  const taught = lesson && lessonFeeds(lesson);
  const { better, measure } = clickMetrics[metric];
  const { kept } = await train({
    ...{ trainer, epochs, patience, clock, ...(state && { resume: state.loop }) },
    *batches(epoch) {
      let done = 0;
      for (const one of batches(rows, { batch, rng: rng.fork(`epoch ${epoch}`) })) {
        report(epoch * rows.n + done, epochs * rows.n, note);
        yield { feeds: { ...one.feeds, ...taught?.(one) }, rows: one.n };
        done += one.n;
      }
    },
    metric: {
      better,
      measure: async () => measure({ ...validation, score: await trainerScores(trainer, validation) }),
    },
    progress(reading) {
      note = readingNote(reading, `validation ${metric}`);
      curve.push({ epoch: reading.epoch, loss: reading.loss, metric: reading.metric! });
    },
    save: (loop) => unfinished.write(encodeTraining({ loop, readings: curve })),
  });
  return { kept, curve };
}

async function trainerScores(trainer: Trainer, examples: Examples): Promise<Float32Array> {
  const scores = new Float32Array(examples.n);
  let at = 0;
  for (const { feeds } of batches(examples, { batch: predictedAtOnce })) {
    const { label: _, ...inputs } = feeds;
    const { logits } = await trainer.predict(inputs);
    for (const z of logits!.data as Float32Array) scores[at++] = sigmoid(z);
  }
  return scores;
}

/** The sealed model must say in ONNX Runtime what the trainer says. */
async function checkParity(
  trainer: Trainer,
  onnx: Uint8Array,
  validation: Examples,
  { runtime }: Surroundings,
): Promise<void> {
  const some = firstRows(validation, checkedRows);
  const ours = await trainerScores(trainer, some);
  const { probability: theirs } = await answers(onnx, some, runtime);
  const apart = ours.reduce((most, p, r) => Math.max(most, Math.abs(p - theirs[r]!)), 0);
  if (!(apart <= 1e-5)) bug(`the exported network's probabilities differ from the trainer's by ${apart}`);
}
