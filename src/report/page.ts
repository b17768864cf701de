// A report's page around its sections: one file that loads nothing; a policy in it forbids it to.

import { glued } from "./figures.ts";
import { type Html, html, nothing, trusted } from "./html.ts";
import type { Section } from "./parts.ts";
import { style } from "./style.ts";

export interface Page {
  readonly title: string;
  /** What stands above the headline. */
  readonly kicker: string;
  readonly sentence: string;
  readonly figures: readonly { readonly value: string; readonly label: string; readonly against: string }[];
  /** What must be known before any figure is believed. */
  readonly warning?: string;
  /** In reading order; what the results say nothing of is undefined. */
  readonly sections: readonly (Section | undefined)[];
}

/** The page as HTML. */
export function renderPage({ title, kicker, sentence, figures, warning, sections }: Page): string {
  const shown = sections.filter((one) => one !== undefined);
  const facts = figures.map(
    (f) => html`<div><dt>${f.label}</dt><dd class="value">${f.value}</dd><dd class="against">${f.against}</dd></div>`,
  );
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${title} · distilrec report</title>
<link rel="icon" href="data:,">
<style>${trusted(style)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the findings</a>
<header>
<p class="kicker">distilrec report · ${kicker}</p>
<h1>${glued(sentence)}</h1>
${facts.length ? html`<dl class="figures">${facts}</dl>` : nothing}
${warning ? html`<p class="warning" role="note"><strong>Mind:</strong> ${warning}</p>` : nothing}
<nav aria-label="Contents"><ul>${shown.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>
</header>
<main id="main">
${shown.map(render)}</main>
<footer><p>Written by distilrec. This file is complete: it needs no network and no other file.</p></footer>
</body>
</html>
`.markup;
}

const render = ({ id, title, body }: Section): Html =>
  html`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>
${body}</section>
`;
