// A plan of distillation, as people read it on a terminal.

import { formatBytes, formatCount, formatSeconds, formatTable } from "../base/format.ts";

export interface Fit {
  readonly loss: string;
  readonly fits: boolean;
  /** What it compares, or why it cannot. */
  readonly why: string;
}

export interface Mix {
  /** The student of a recipe, all but its name. */
  readonly student: Readonly<Record<string, unknown>>;
  readonly reason: string;
}

export interface DistilPlan {
  readonly teacher: { readonly method: string; readonly gives: string; readonly bytes?: number };
  readonly student: string;
  readonly data: { readonly users: number; readonly items: number; readonly interactions: number };
  /** Seconds of an epoch over all the data without a teacher, from epochs over some of its users. */
  readonly base?: number;
  /** How many users were timed. */
  readonly timed: number;
  readonly losses: readonly (Fit & {
    /** Seconds of an epoch with this loss and α = ½, and how often as long as without it. */
    readonly epoch?: { readonly seconds: number; readonly ratio: number };
  })[];
  readonly mix: Mix;
}

/** Several paragraphs; `yaml` writes the mix as a recipe has it. */
export function renderPlan(plan: DistilPlan, yaml: (value: unknown) => string): string {
  const { teacher, data, losses, base, timed, mix } = plan;
  const size = teacher.bytes === undefined ? "" : `, ${formatBytes(teacher.bytes)}`;
  const able = losses.filter(({ fits }) => fits).sort((a, b) => (a.epoch?.ratio ?? 0) - (b.epoch?.ratio ?? 0));
  const alone =
    base === undefined
      ? ""
      : ` An epoch without a teacher takes ${formatSeconds(base)} here, by epochs over ${formatCount(timed)} users.`;
  const rows = able.map(({ loss, why, epoch }) => [
    ...[loss, why, epoch ? formatSeconds(epoch.seconds) : "–", epoch ? `${epoch.ratio.toFixed(1)}×` : "–"],
  ]);
  const unfit = losses.filter(({ fits }) => !fits).map(({ loss, why }) => [loss, why]);
  return [
    `Teacher: ${teacher.method}${size}: ${teacher.gives}. Student: ${plan.student}. Data: ${formatCount(data.interactions)} interactions of ${formatCount(data.users)} users with ${formatCount(data.items)} items.${alone}`,
    formatTable([["loss", "compares", "an epoch", "of one alone"], ...rows]),
    ...(unfit.length > 0 ? [formatTable([["does not fit", "for it"], ...unfit])] : []),
    `Begin with this: ${mix.reason}`,
    yaml([{ name: "small", ...mix.student }]).trimEnd(),
  ].join("\n\n");
}
