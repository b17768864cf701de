// A report's page around its sections: one file that loads nothing; a policy in it forbids it to.

import { type Html, html, nothing, trusted } from "./html.ts";
import { style } from "./style.ts";

export interface Page {
  readonly title: string;
  /** What stands above the headline. */
  readonly kicker: string;
  readonly sentence: string;
  readonly figures: readonly { readonly value: string; readonly label: string; readonly against: string }[];
  readonly sections: readonly Html[];
}

/** The page as HTML. */
export function renderPage({ title, kicker, sentence, figures, sections }: Page): string {
  const shown = figures.map(
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
<header>
<p class="kicker">distilrec report · ${kicker}</p>
<h1>${sentence}</h1>
${shown.length ? html`<dl class="figures">${shown}</dl>` : nothing}
</header>
<main>
${sections.map(({ markup }) => trusted(`${markup}\n`))}</main>
<footer><p>Written by distilrec. This file is complete: it needs no network and no other file.</p></footer>
</body>
</html>
`.markup;
}
