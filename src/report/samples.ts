// Lists of chosen users from the teacher and the pick, side by side: what was really taken afterwards, what both show,
// and from which place of the teacher's list it came. Signs are said in words, too.

import { headlineOf } from "./headline.ts";
import { type Html, html, nothing } from "./html.ts";
import type { Section } from "./parts.ts";
import type { Results, Sample } from "./results.ts";

const mostUsers = 3;
const mostItems = 10;

/** Nothing without samples. */
export function samples(results: Results): Section | undefined {
  const { teacher, pick } = headlineOf(results);
  const shown = results.samples.slice(0, mostUsers);
  if (shown.length === 0) return undefined;
  const body = html`<p class="note">The first ten of each list for users of the test part. <span aria-hidden="true">✓</span> marks what the user really took afterwards; small words say where the other list has the item.</p>
${shown.map((sample, at) => user(sample, at, [teacher?.name, pick?.name]))}`;
  return { id: "samples", title: "What people would see", body };
}

function user(sample: Sample, at: number, wanted: readonly (string | undefined)[]): Html {
  const names = wanted.filter((n): n is string => n !== undefined && n in sample.lists);
  for (const name of Object.keys(sample.lists)) if (names.length < 2 && !names.includes(name)) names.push(name);
  const lists = names.map((name) => ({ name, items: (sample.lists[name] ?? []).slice(0, mostItems) }));
  const [first, second] = lists;
  const shared = first && second ? first.items.filter((item) => second.items.includes(item)).length : undefined;
  return html`<article class="user" aria-labelledby="user-${at}"><h3 id="user-${at}">User ${sample.user}${shared === undefined ? nothing : html` <span class="count">${shared} of ${first!.items.length} on both lists</span>`}</h3>
<p class="took">Took before: ${sample.history.join(" · ") || "nothing"}<br>Really took next: ${sample.truth.join(" · ") || "nothing"}</p>
<div class="lists">${lists.map((one, l) => list(one, lists[1 - l], l === 0, new Set(sample.truth)))}</div></article>\n`;
}

interface List {
  readonly name: string;
  readonly items: readonly string[];
}

function list({ name, items }: List, other: List | undefined, isFirst: boolean, truth: ReadonlySet<string>): Html {
  const hits = items.filter((item) => truth.has(item)).length;
  const entries = items.map((item, at) => {
    const there = other ? other.items.indexOf(item) : at;
    const place =
      there === at ? "" : there < 0 ? (isFirst ? "gone" : "new") : isFirst ? `now ${there + 1}` : `was ${there + 1}`;
    const small = place === "" ? nothing : html` <small class="${there < 0 ? "only" : "both"}">${place}</small>`;
    return truth.has(item)
      ? html`<li class="hit">${item} <span aria-hidden="true">✓</span><span class="hidden"> (taken)</span>${small}</li>`
      : html`<li>${item}${small}</li>`;
  });
  return html`<div><h4>${name} <span class="count">${hits} of ${items.length} taken</span></h4><ol>${entries}</ol></div>`;
}
