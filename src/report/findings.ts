// What the gates did not let pass, in words, as the summary on the command line lists it.

import type { GateOutcome } from "./evidence-results.ts";

const most = 12;

/** "student: fail. Bytes to ship are …", one line a gate that does not pass; the last says how many more there are. */
export function findingLines(
  models: readonly { readonly name: string; readonly gates?: readonly GateOutcome[] }[],
): string[] {
  const lines = models.flatMap(({ name, gates = [] }) =>
    gates.filter(({ verdict }) => verdict !== "pass").map(({ verdict, words }) => `${name}: ${verdict}. ${words}`),
  );
  if (lines.length <= most) return lines;
  return [...lines.slice(0, most - 1), `And ${lines.length - most + 1} more, which the report lists.`];
}
