// The page of a group of quality cases: a section a case, each with its command, its figures and the machine, in
// alphabetical order. A case that is measured again replaces its own section and no other.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import type { Figures } from "../bench/case.ts";
import { formatSeconds } from "../src/base/format.ts";
import type { machine } from "./cases.ts";

export interface Measured {
  readonly name: string;
  readonly summary: string;
  readonly figures: Figures;
  readonly seconds: number;
  readonly machine: ReturnType<typeof machine>;
}

/** Renews the case's section of `folder`/`group`.md; what stands above the first section is kept. */
export function writeSection(folder: string, group: string, measured: Measured): void {
  const path = `${folder}/${group}.md`;
  const [head, ...sections] = existsSync(path)
    ? readFileSync(path, "utf8").split(/^(?=## )/m)
    : [`# Measured: ${group}\n\nA **case** is one measured claim. Every section was written by the command in it.\n\n`];
  const own = section(group, measured);
  const title = (text: string) => text.slice(0, text.indexOf("\n"));
  const all = [...sections.filter((one) => title(one) !== title(own)), own];
  all.sort((a, b) => (title(a) < title(b) ? -1 : 1));
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, `${[head!.trimEnd(), ...all.map((one) => one.trimEnd())].join("\n\n")}\n`);
}

function section(group: string, { name, summary, figures, seconds, machine }: Measured): string {
  const { cpu, cores, node, load } = machine;
  const rows = Object.entries(figures)
    .filter(([key]) => !key.endsWith(" ±"))
    .map(([key, value]) => {
      const error = figures[`${key} ±`];
      return `| ${key} | ${shown(value)}${error === undefined ? "" : ` ± ${shown(error)}`} |`;
    });
  return [
    `## ${name}`,
    summary,
    `\`\`\`sh\nnpm run quality -- ${group} --case ${name}\n\`\`\``,
    `${formatSeconds(seconds)} on ${cores} × ${cpu}, Node ${node}, load ${load} at its end.`,
    ["| figure | value |", "|---|---|", ...rows].join("\n"),
  ].join("\n\n");
}

const shown = (value: number | string): string =>
  typeof value === "number" && Number.isInteger(value) ? value.toLocaleString("en-US") : `${value}`;
