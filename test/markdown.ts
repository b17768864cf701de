// The parts of a Markdown page that the docs tests look at.

import { existsSync, readdirSync, readFileSync } from "node:fs";

export interface Fence {
  /** The first word after the backticks, e.g. "ts". */
  readonly language: string;
  /** The rest of that line. */
  readonly title: string;
  readonly line: number;
  readonly text: string;
}

export interface Page {
  readonly path: string;
  readonly text: string;
  readonly fences: readonly Fence[];
  /** The page without its fences. */
  readonly prose: string;
}

/** The README, its neighbours and everything below docs/. */
export function pages(): Page[] {
  const docs = existsSync("docs") ? readdirSync("docs", { recursive: true, encoding: "utf8" }) : [];
  const paths = [
    ...["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"],
    ...docs.filter((file) => file.endsWith(".md")).map((file) => `docs/${file}`),
  ];
  return paths.sort().map(readPage);
}

export function readPage(path: string): Page {
  const text = readFileSync(path, "utf8");
  const fences: Fence[] = [];
  const prose = text.replace(/^( *)```(\w*) ?(.*)\n([\s\S]*?)^ *```$/gm, (_all, _in, language, title, body, at) => {
    fences.push({ language, title, line: text.slice(0, at).split("\n").length, text: body });
    return "";
  });
  return { path, text, fences, prose };
}

/** GitHub's anchors of a page's headings. */
export function anchors(prose: string): Set<string> {
  const found = new Set<string>();
  for (const [, heading] of prose.matchAll(/^#{1,6} (.+)$/gm)) {
    const slug = heading!
      .toLowerCase()
      .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-");
    let anchor = slug;
    for (let n = 1; found.has(anchor); n++) anchor = `${slug}-${n}`;
    found.add(anchor);
  }
  return found;
}

/** The rows of the first table whose header starts with `first`: the name in the first cell, then the other cells. */
export function tableRows(prose: string, first: string): string[][] {
  const lines = prose.split("\n");
  const head = lines.findIndex((line) => line.startsWith(`| ${first} |`));
  const rows: string[][] = [];
  for (let at = head + 2; head >= 0 && lines[at]?.startsWith("|"); at++) {
    const [name, ...cells] = lines[at]!.slice(1, -1).split(" | ");
    rows.push([name!.trim().replace(/^`(.*)`$/, "$1"), ...cells.map((cell) => cell.trim())]);
  }
  return rows;
}
