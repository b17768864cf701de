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

/** A table in a box that scrolls sideways by keyboard, too. */
export function table({ caption, kind, heads, rows }: Table): Html {
  const head = (one: Head | string) =>
    typeof one === "string"
      ? html`<th scope="col">${one}</th>`
      : html`<th scope="col">${one.label}${one.small ? html`<small>${one.small}</small>` : nothing}</th>`;
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${caption}"><table class="${kind}">
<caption>${caption}</caption>
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
