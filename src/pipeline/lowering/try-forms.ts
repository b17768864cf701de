// Runs a model in several forms on each target runtime: whether it answers right, and how fast, all forms by turns.

import { UserError } from "../../base/errors.ts";
import type { RunTensor, Runtime, Session } from "../../graph/runtime.ts";
import { groupsWithin, interleave, type Meter, type Plan } from "../costs/interleave.ts";
import type { Timing, Tried } from "./choose-form.ts";

export const targets = ["node", "wasm"] as const;
export type Target = (typeof targets)[number];

/** A form's model, or why there is none. */
export type Trial = { readonly form: string } & ({ readonly model: Uint8Array } | { readonly refused: string });

/** What is asked, and what is right. */
export interface Exam {
  readonly feeds: readonly Readonly<Record<string, RunTensor>>[];
  /** By output. */
  readonly answers: readonly Readonly<Record<string, RunTensor["data"]>>[];
  /** How far answers may be from the right ones, as a share of the largest. */
  readonly tolerance: number;
}

export interface Bench {
  readonly runtimes: Readonly<Partial<Record<Target, Runtime>>>;
  readonly meter: Meter;
  /** How long to time each time; shorter in tests. */
  readonly plan?: Plan;
}

const timing: Plan = { rounds: 4, runs: 100, seconds: 0.25 };
/** Times that are taken; the least median of each form counts, for what else the machine does only adds to it. */
const repeats = 5;
/** Bytes of models that are open together. */
const together = 2 ** 30;

type Known = { readonly form: string; readonly model: Uint8Array };
type Seen = { time: Timing; apart: number } | { refused: string };

/** Each form in order; what their times are compared with is `control`, or the first form that runs. */
export async function tryForms(trials: readonly Trial[], control: string, exam: Exam, bench: Bench): Promise<Tried[]> {
  const known = trials.filter((trial): trial is Known => "model" in trial);
  const found = new Map<string, Map<string, Seen>>();
  for (const [target, runtime] of Object.entries(bench.runtimes))
    found.set(target, await tryOn(runtime, known, control, exam, bench));
  return trials.map((trial): Tried => {
    if ("refused" in trial) return { form: trial.form, bytes: 0, times: {}, apart: 0, refused: trial.refused };
    const seen = [...found].map(([target, by]) => [target, by.get(trial.form)!] as const);
    const times: Record<string, Timing> = {};
    let [apart, refused] = [0, undefined as string | undefined];
    for (const [target, one] of seen) {
      if ("refused" in one) {
        refused ??= `${target}: ${one.refused}`;
        continue;
      }
      times[target] = one.time;
      apart = Math.max(apart, one.apart);
    }
    if (refused === undefined && !(apart <= exam.tolerance)) refused = "its answers are not right";
    return { form: trial.form, bytes: trial.model.length, times, apart, ...(refused !== undefined && { refused }) };
  });
}

async function tryOn(
  runtime: Runtime,
  trials: readonly Known[],
  control: string,
  exam: Exam,
  { meter, plan = timing }: Bench,
): Promise<Map<string, Seen>> {
  const seen = new Map<string, Seen>();
  const measure = trials.find(({ form }) => form === control) ?? trials[0]!;
  const others = trials.filter((trial) => trial !== measure);
  const groups = groupsWithin(others, ({ model }) => model.length, together - measure.model.length);
  for (const group of groups.length > 0 ? groups : [[]]) {
    const open: { form: string; session: Session; apart: number }[] = [];
    try {
      for (const { form, model } of [measure, ...group]) {
        const session = await opened(runtime, model);
        if ("refused" in session) {
          seen.set(form, session);
          continue;
        }
        open.push({ form, session, apart: 0 });
        const apart = await checked(session, exam);
        if (typeof apart === "number") open.at(-1)!.apart = apart;
        else {
          seen.set(form, apart);
          await open.pop()!.session.close();
        }
      }
      const contenders = open.map(({ session }) => {
        let at = 0;
        return () => session.run(exam.feeds[at++ % exam.feeds.length]!);
      });
      const least = open.map(() => Number.POSITIVE_INFINITY);
      let others = 0;
      for (let time = 0; time < repeats; time++) {
        const timed = await interleave(contenders, meter, plan);
        for (const [i, { p50 }] of timed.entries()) least[i] = Math.min(least[i]!, p50);
        others = Math.max(others, timed[0]?.others ?? 0);
      }
      open.forEach(({ form, apart }, i) => {
        const time = { ms: least[i]!, ratio: least[i]! / least[0]!, others };
        if (!seen.has(form)) seen.set(form, { time, apart });
      });
    } finally {
      for (const { session } of open) await session.close();
    }
  }
  return seen;
}

async function opened(runtime: Runtime, model: Uint8Array): Promise<Session | { refused: string }> {
  try {
    return await runtime.open(model);
  } catch (error) {
    if (error instanceof UserError) return { refused: error.message };
    throw error;
  }
}

/** How far its answers are from the right ones, as a share of the largest; or what it says instead of answering. */
async function checked(session: Session, { feeds, answers }: Exam): Promise<number | { refused: string }> {
  let [apart, largest] = [0, 1e-30];
  for (const [i, feed] of feeds.entries()) {
    let found: Readonly<Record<string, RunTensor>>;
    try {
      found = await session.run(feed);
    } catch (error) {
      return { refused: (error as Error).message };
    }
    for (const [output, right] of Object.entries(answers[i]!)) {
      const own = found[output]?.data ?? [];
      if (own.length !== right.length) return { refused: `it answers ${own.length} numbers, not ${right.length}` };
      for (let j = 0; j < right.length; j++) {
        largest = Math.max(largest, Math.abs(Number(right[j])));
        apart = Math.max(apart, Math.abs(Number(right[j]) - Number(own[j])));
      }
    }
  }
  return apart / largest;
}
