// Limits as people write them: "≤ 200 KB", "<= 5ms", ">= 30 %", or a plain number in the unit that the limited thing has.

import { UserError } from "../../base/errors.ts";

export type Unit = "bytes" | "milliseconds" | "joules" | "count" | "number";

const factors: Readonly<Record<Unit, Readonly<Record<string, number>>>> = {
  bytes: { B: 1, KB: 1e3, MB: 1e6, GB: 1e9, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 },
  milliseconds: { ns: 1e-6, µs: 1e-3, us: 1e-3, ms: 1, s: 1e3 },
  joules: { mJ: 1e-3, J: 1, kJ: 1e3 },
  count: { K: 1e3, M: 1e6, G: 1e9, T: 1e12 },
  number: { "%": 0.01 },
};

export interface Bound {
  readonly side: "most" | "least";
  /** In bytes, milliseconds, joules or as it is. */
  readonly value: number;
  /** Whether it was written in percent. */
  readonly percent: boolean;
}

/** Reads a bound; without ≤ or ≥ its side is `usual`. What cannot be read is a UserError that begins with `where`. */
export function parseBound(text: string | number, unit: Unit, usual: Bound["side"], where: string): Bound {
  const found = /^(≤|<=|≥|>=)?\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*([A-Za-zµμ%]*)$/i.exec(String(text).trim());
  const [, sign, digits, written = ""] = found ?? [];
  const value = Number(digits);
  const names = Object.keys(factors[unit]);
  const name = names.find((one) => one === written.replace("μ", "µ")) ?? looseName(names, written);
  if (!found || !Number.isFinite(value) || (written !== "" && name === undefined)) {
    const known = `a number${names.length > 0 ? `, with ${listed(names)} if you like` : ""}`;
    throw new UserError(`${where}: "${text}" is no limit; write ≤ or ≥ and ${known}, such as ${examples[unit]}.`);
  }
  return {
    side: sign === undefined ? usual : sign === "≤" || sign === "<=" ? "most" : "least",
    value: name === undefined ? value : clean(value * factors[unit][name]!),
    percent: name === "%",
  };
}

/** "kb" for "KB"; but "mb" and "mj" may be taken for another size, and "Ms" for another time. */
const looseName = (names: readonly string[], written: string): string | undefined => {
  const alike = names.filter((name) => name.toLowerCase() === written.toLowerCase());
  return alike.length === 1 && /^(k|g|n|u|b|s)/i.test(written) ? alike[0] : undefined;
};

/** 1 % is 0.01, whatever binary fractions make of the product. */
const clean = (value: number): number => Number(value.toPrecision(15));

const examples: Readonly<Record<Unit, string>> = {
  bytes: '"≤ 200 KB"',
  milliseconds: '"≤ 5 ms"',
  joules: '"≤ 2 J"',
  count: '"≤ 5 M"',
  number: '"≤ 0.01"',
};

const listed = (names: readonly string[]): string =>
  `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`.replace(/^ or /, "");
