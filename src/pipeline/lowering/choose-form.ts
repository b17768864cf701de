// Which of several forms is kept: the fastest that answers right. Forms within 5 % of it are taken for as fast, and the
// smallest of them is kept; so none that is kept is slower than float32 by more than that.

export interface Timing {
  /** Milliseconds of a request. */
  readonly ms: number;
  /** How many times those of float32 that is. */
  readonly ratio: number;
  /** Cores that other processes took meanwhile. */
  readonly others: number;
}

/** A form as it was tried. */
export interface Tried {
  readonly form: string;
  /** Of the model's file. */
  readonly bytes: number;
  /** By runtime. */
  readonly times: Readonly<Record<string, Timing>>;
  /** The largest difference from our own scores, as a share of the largest score. */
  readonly apart: number;
  /** Why it cannot be kept. */
  readonly refused?: string;
}

/** Times that differ by less are taken for the same. */
const sameTime = 1.05;

/** Files of the same numbers differ by the bytes of their nodes alone. */
const sameBytes = 4096;

/** The form to keep; undefined where all are refused. With `smallest` time decides only between files of one size. */
export function chooseForm(tried: readonly Tried[], smallest: boolean): Tried | undefined {
  const able = tried.filter(({ refused }) => refused === undefined);
  const least = Math.min(...able.map(slowest));
  const fast = smallest ? able : able.filter((one) => slowest(one) <= sameTime * least);
  const few = Math.min(...fast.map(({ bytes }) => bytes));
  const small = fast.filter(({ bytes }) => bytes <= few + sameBytes);
  return small.toSorted((a, b) => slowest(a) - slowest(b))[0];
}

/** The form of the least time, whatever its bytes; undefined where all are refused. */
export const fastestForm = (tried: readonly Tried[]): Tried | undefined =>
  tried.filter(({ refused }) => refused === undefined).toSorted((a, b) => slowest(a) - slowest(b))[0];

/** Its time beside float32 on the runtime where it compares worst. */
const slowest = ({ times }: Tried): number => Math.max(...Object.values(times).map(({ ratio }) => ratio));
