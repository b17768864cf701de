// A gate and what became of it, in words: one line for a table's head, one sentence for the finding.

import { formatBytes, formatCount } from "../base/format.ts";
import type { Decision } from "../evidence/gates/decide.ts";
import type { DropGate, Gate, LimitGate } from "../evidence/gates/gate.ts";
import type { Unit } from "../evidence/gates/quantity.ts";
import type { GateOutcome } from "./evidence-results.ts";
import { formatLarge } from "./figures.ts";

/** What is needed to speak of a gate. */
export interface Speech {
  /** A metric, a measure of fidelity or of cost, as people call it. */
  label(name: string): string;
  better(name: string): "high" | "low";
  unit(name: string): Unit;
  /** What the test rests on, such as "users". */
  readonly units: string;
  /** What a drop is against, such as "the teacher". */
  readonly reference: string;
}

const shows: Readonly<Record<Unit, (value: number) => string>> = {
  bytes: formatBytes,
  milliseconds: (x) => `${Number(x.toPrecision(3))} ms`,
  joules: (x) => `${Number(x.toPrecision(3))} J`,
  count: formatLarge,
  number: (x) => String(Number(x.toPrecision(3))),
};
const percent = (share: number): string => `${Number((100 * share).toPrecision(3))} %`;
const amountOf = ({ type }: DropGate): ((x: number) => string) => (type === "relative" ? percent : shows.number);
const inSlice = ({ slice }: Gate): string => (slice === undefined ? "" : ` (${slice})`);
const plural = (names: string): boolean => /^(bytes|FLOPs|parameters)/i.test(names);

/** "NDCG@20 drops at most 1 % (tail)", "Bytes to ship at most 200 KB". */
export function gateLine(gate: Gate, speech: Speech): string {
  if (gate.kind === "drop") {
    const verb = speech.better(gate.metric) === "high" ? "drops" : "rises";
    return `${speech.label(gate.metric)} ${verb} at most ${amountOf(gate)(gate.maxDrop)}${inSlice(gate)}`;
  }
  const value = shows[speech.unit(gate.of)](gate.limit);
  return `${speech.label(gate.of)} at ${gate.side} ${value}${inSlice(gate)}`;
}

/** The outcome of a tested drop. */
export function dropOutcome(gate: DropGate, decision: Decision, speech: Speech): GateOutcome {
  const { estimate, interval } = decision;
  const name = `${speech.label(gate.metric)}${inSlice(gate)}`;
  const show = amountOf(gate);
  const [down, up] = speech.better(gate.metric) === "high" ? ["drop", "rise"] : ["rise", "drop"];
  const moved = (x: number) => (x === 0 ? "does not move" : `${x > 0 ? down : up}s by ${show(Math.abs(x))}`);
  const line = gateLine(gate, speech);
  if (decision.units < 2) return ofTooFew(line, gate.maxDrop, name, decision.units, speech);
  if (Number.isNaN(estimate)) {
    const words = `${name} of ${speech.reference} is 0, so that there is no share of it to lose; give an absolute maxDrop.`;
    return { gate: line, verdict: "undecided", words, estimate: 0, limit: gate.maxDrop, users: decision.units };
  }
  const [low, high] = interval;
  const sure = `with ${percent(1 - gate.alpha)} confidence`;
  const finding = {
    pass: `and ${sure} ${high > 0 ? `the ${down} is below ${show(high)}` : `it ${up}s by more than ${show(-high)}`}; ${show(gate.maxDrop)} is allowed`,
    fail: `and ${sure} by more than ${show(low)}; ${show(gate.maxDrop)} is allowed`,
    undecided: `but it may be anything from ${span(low, high, show)} at that many ${speech.units}, and ${show(gate.maxDrop)} is allowed; ${wouldDecide(decision, speech)}`,
  }[decision.verdict];
  return outcome(
    line,
    decision,
    gate,
    gate.maxDrop,
    `${name} ${moved(estimate)} over ${formatCount(decision.units)} ${speech.units}, ${finding}.`,
  );
}

/** The outcome of a mean against a limit. */
export function limitOutcome(gate: LimitGate, decision: Decision, speech: Speech): GateOutcome {
  const show = shows[speech.unit(gate.of)];
  const name = `${speech.label(gate.of)}${inSlice(gate)}`;
  if (decision.units < 2) return ofTooFew(gateLine(gate, speech), gate.limit, name, decision.units, speech);
  const most = gate.side === "most";
  // Tested with its sign turned where the limit is from below.
  const [low, high] = most ? decision.interval : ([-decision.interval[1], -decision.interval[0]] as const);
  const estimate = most ? decision.estimate : -decision.estimate;
  const [within, beyond] = most
    ? [`below ${show(high)}`, `above ${show(low)}`]
    : [`above ${show(low)}`, `below ${show(high)}`];
  const sure = `with ${percent(1 - gate.alpha)} confidence`;
  const asked = `at ${gate.side} ${show(gate.limit)} is asked`;
  const finding = {
    pass: `and ${sure} it is ${within}; ${asked}`,
    fail: `and ${sure} it is ${beyond}; ${asked}`,
    undecided: `but it may be anything from ${show(low)} to ${show(high)} at that many ${speech.units}, and ${asked}; ${wouldDecide(decision, speech)}`,
  }[decision.verdict];
  const words = `${name} is ${show(estimate)} over ${formatCount(decision.units)} ${speech.units}, ${finding}.`;
  return outcome(gateLine(gate, speech), { ...decision, estimate, interval: [low, high] }, gate, gate.limit, words);
}

/** The outcome of a figure that is read off. */
export function readOutcome(gate: LimitGate, value: number | undefined, speech: Speech): GateOutcome {
  const show = shows[speech.unit(gate.of)];
  const label = speech.label(gate.of);
  const [line, is] = [gateLine(gate, speech), plural(label) ? "are" : "is"];
  const rest = { gate: line, limit: gate.limit };
  if (value === undefined || !Number.isFinite(value)) {
    return {
      ...rest,
      verdict: "undecided",
      words: `${label} ${is} not known here, so that nothing is shown.`,
      estimate: 0,
    };
  }
  const holds = gate.side === "most" ? value <= gate.limit : value >= gate.limit;
  const words = `${label} ${is} ${show(value)}; at ${gate.side} ${show(gate.limit)} is asked.`;
  return { ...rest, verdict: holds ? "pass" : "fail", words, estimate: value };
}

const ofTooFew = (gate: string, limit: number, name: string, n: number, { units }: Speech): GateOutcome => {
  const words = `${name} rests on ${n === 0 ? `no ${units}` : `one of the ${units}`} here, so that nothing is shown.`;
  return { gate, verdict: "undecided", words, estimate: 0, limit, users: n };
};

function outcome(
  gate: string,
  { verdict, estimate, interval, units, unitsToDecide }: Decision,
  { test, alpha }: Gate,
  limit: number,
  words: string,
): GateOutcome {
  // JSON has no infinity: an interval that is open to a side is left out.
  const closed = interval.every(Number.isFinite);
  return {
    ...{ gate, verdict, words, estimate, limit, test, confidence: 1 - alpha, users: units },
    ...(closed && { interval }),
    ...(unitsToDecide !== undefined && { usersToDecide: unitsToDecide }),
  };
}

const span = (low: number, high: number, show: (x: number) => string): string => {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return "nothing to all";
  return low < 0 ? `a gain of ${show(-low)} to a loss of ${show(high)}` : `${show(low)} to ${show(high)}`;
};

const wouldDecide = ({ unitsToDecide }: Decision, { units }: Speech): string =>
  unitsToDecide === undefined
    ? `no number of ${units} would decide, so near to the limit it is`
    : `about ${formatLarge(unitsToDecide)} ${units} would decide`;
