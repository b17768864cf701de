// What sections are made of: tables that scroll by themselves and say what they are, folds that need no script, and rows.

import { type Html, html, nothing } from "./html.ts";

/** A part of the page with its own heading. */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly body: Html;
}

export interface Head {
  readonly label: string;
  readonly small?: string;
}

export interface Table {
  readonly caption: string;
  /** Of numbers, which line up to the right, or of words, which wrap. */
  readonly kind: "numbers" | "words";
  /** The first is that of the rows' own heads. */
  readonly heads: readonly (Head | string)[];
  readonly rows: readonly Html[];
}

/** Up to this many rows are shown without being asked for. */
const shortTable = 12;

/** A table in a box that scrolls sideways by keyboard, too. */
export const table = (of: Table): Html => drawn(of, html`<caption>${of.caption}</caption>`);

/** A table that opens on demand, under its caption. */
export const foldedTable = (of: Table, open: boolean = false): Html =>
  fold(of.caption, drawn(of, html`<caption class="hidden">${of.caption}</caption>`), open);

/** A table as it is where it is short, folded where it is long. */
export const shortOrFolded = (of: Table): Html => (isShort(of.rows) ? table(of) : foldedTable(of));

export const isShort = (rows: readonly unknown[]): boolean => rows.length <= shortTable;

function drawn({ caption, kind, heads, rows }: Table, said: Html): Html {
  const head = (one: Head | string) =>
    typeof one === "string"
      ? html`<th scope="col">${one}</th>`
      : html`<th scope="col">${one.label}${one.small ? html`<small>${one.small}</small>` : nothing}</th>`;
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${caption}"><table class="${kind}">
${said}
<thead><tr>${heads.map(head)}</tr></thead>
<tbody>
${rows}</tbody></table></div>`;
}

/** A row with its head; cells are made by `cell`. */
export const row = (head: Html | string, cells: readonly Html[]): Html =>
  html`<tr><th scope="row">${head}</th>${cells}</tr>\n`;

export const cell = (content: Html | string, small?: Html | string): Html =>
  html`<td>${content}${small === undefined ? nothing : html` <small>${small}</small>`}</td>`;

/** A cell that is the best of its kind, in colour and in words. */
export const bestCell = (content: Html | string, small?: Html | string): Html =>
  html`<td class="best">${content}${small === undefined ? nothing : html` <small>${small}</small>`}<span class="hidden"> (best)</span></td>`;

/** A name with what it is in small letters. */
export const named = (name: string, small: string): Html => html`${name} <small>${small}</small>`;

/** What is for the curious: it stays folded on paper, too. */
export const rest = (summary: string, content: Html): Html =>
  html`<details class="rest"><summary>${summary}</summary>
${content}</details>
`;

/** What opens on demand; paper shows it open. */
export const fold = (summary: string, content: Html, open = false): Html =>
  html`<details${open ? html` open` : nothing}><summary>${summary}</summary>
${content}</details>
`;

/** `items` in runs of at most `most`, as even as can be. */
export function chunks<T>(items: readonly T[], most: number): T[][] {
  const runs = Math.ceil(items.length / most);
  const each = Math.ceil(items.length / runs);
  return Array.from({ length: runs }, (_, r) => items.slice(r * each, (r + 1) * each));
}
