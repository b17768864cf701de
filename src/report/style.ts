// The report's style sheet: light and dark by the reader's setting, narrow screens, print. Text only; nothing moves.

const light = `
    --paper: #ffffff; --panel: #f6f7f9; --ink: #1a1d23; --soft: #565d6b; --faint: #838b99;
    --line: #e6e8ec; --line-strong: #cdd2da; --link: #0b5cb0;
    --teacher: #6b4fbb; --student: #0b68c8; --variant: #b4530a; --pick: #12805c; --bad: #b3261e;
    --good: #e3f4ec; --good-ink: #0b5d42; --fail: #fbe9e7; --fail-ink: #8c1d18; --open: #fff3d6; --open-ink: #6b4a00;`;
const dark = `
    --paper: #14161a; --panel: #1c1f25; --ink: #eceef2; --soft: #a7aebb; --faint: #7d8594;
    --line: #2a2e36; --line-strong: #414855; --link: #8cc2ff;
    --teacher: #b39dfb; --student: #6cb2ff; --variant: #f0a35e; --pick: #4fd1a0; --bad: #ff8a80;
    --good: #17372c; --good-ink: #8be3c2; --fail: #45201d; --fail-ink: #ffb4ab; --open: #3b3011; --open-ink: #f5d787;`;

export const style = `
:root { color-scheme: light dark; ${light} }
@media (prefers-color-scheme: dark) { :root { ${dark} } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif;
}
main, header, footer { max-width: 64rem; margin: 0 auto; padding: 0 1.5rem; }
header { padding-top: 3rem; }
footer { padding-top: 2rem; padding-bottom: 3rem; color: var(--soft); font-size: .875rem; }
a { color: var(--link); text-underline-offset: .15em; }
:focus-visible { outline: 2px solid var(--student); outline-offset: 2px; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: .5rem; padding: .3rem .8rem; background: var(--paper); }
.kicker { margin: 0 0 .5rem; color: var(--soft); font-size: .875rem; overflow-wrap: anywhere; }
h1 { margin: 0; font-size: clamp(1.6rem, 4.2vw, 2.5rem); line-height: 1.18; letter-spacing: -.02em; font-weight: 680;
  text-wrap: balance; overflow-wrap: anywhere; }
h2 { margin: 3.5rem 0 .25rem; font-size: 1.35rem; letter-spacing: -.01em; scroll-margin-top: 1rem; }
h3 { margin: 1.25rem 0 .35rem; font-size: 1rem; overflow-wrap: anywhere; }
h4 { margin: 0 0 .35rem; font-size: 1rem; overflow-wrap: anywhere; }
p { margin: .35rem 0 1rem; max-width: 46rem; overflow-wrap: anywhere; }
.note { color: var(--soft); }
.warning { margin: 1.5rem 0 0; padding: .7rem 1rem; max-width: none; border: 1.5px dashed var(--open-ink); border-radius: .6rem;
  background: var(--open); color: var(--open-ink); }
nav { margin: 1.5rem 0 0; font-size: .875rem; }
nav ul { display: flex; flex-wrap: wrap; gap: .15rem 1.1rem; list-style: none; margin: 0; padding: 0; }
nav a { display: inline-block; padding: .2rem 0; }
.figures { display: grid; grid-template-columns: repeat(3, 1fr); gap: 1rem; margin: 2rem 0 0; }
.figures div { padding: 1rem 1.15rem; background: var(--panel); border-radius: .75rem; display: flex; flex-direction: column; }
.figures dt { color: var(--soft); font-size: .875rem; order: 2; }
.figures dd { margin: 0; }
.figures .value { font-size: 1.75rem; font-weight: 680; line-height: 1.2; letter-spacing: -.02em; order: 1; }
.figures .against { color: var(--soft); font-size: .8125rem; order: 3; }
details { margin: .6rem 0; border: 1px solid var(--line); border-radius: .75rem; }
summary { padding: .6rem .9rem; cursor: pointer; font-weight: 600; font-size: .9375rem; overflow-wrap: anywhere;
  border-radius: .75rem; }
summary::marker { color: var(--soft); }
details > :not(summary) { margin-left: .9rem; margin-right: .9rem; }
details > .scroll { margin: 0; border-width: 1px 0 0; border-radius: 0 0 .75rem .75rem; }
details > .scroll:not(:last-child) { border-radius: 0; }
details > .narrow + *, details > figure { padding-bottom: .9rem; }
.findings { list-style: none; margin: .5rem 0 1.25rem; padding: 0; }
.findings li { display: flex; gap: .9rem; padding: .65rem 0; border-top: 1px solid var(--line); break-inside: avoid; }
.findings li > div { max-width: 46rem; overflow-wrap: anywhere; min-width: 0; }
.findings .verdict { flex: none; align-self: flex-start; min-width: 7.7rem; }
.verdict { display: inline-block; padding: .05rem .55rem; border-radius: .35rem; font-weight: 600; font-size: .875rem;
  white-space: nowrap; border: 1.5px solid transparent; }
.verdict > span { display: inline-block; min-width: 1em; font-weight: 800; }
.verdict.pass { background: var(--good); color: var(--good-ink); }
.verdict.fail { background: var(--fail); color: var(--fail-ink); border-color: currentcolor; }
.verdict.undecided { background: var(--open); color: var(--open-ink); border: 1.5px dashed currentcolor; }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; margin: .75rem 0 .5rem; padding: 0;
  font-size: .875rem; color: var(--soft); }
.legend li { display: flex; align-items: center; gap: .4rem; }
.legend svg { flex: none; }
figure { margin: 0; }
figcaption { font-weight: 600; font-size: .9375rem; overflow-wrap: anywhere; }
.curves figure { max-width: 34rem; }
figure svg { display: block; width: 100%; height: auto; overflow: visible; }
.narrow { display: none; }
.curves { display: grid; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); gap: 1rem; }
.scroll { position: relative; overflow-x: auto; margin: 1rem 0; border: 1px solid var(--line); border-radius: .75rem;
  background: linear-gradient(to left, var(--paper) 40%, transparent) right / 3rem 100% no-repeat local,
    linear-gradient(to left, var(--line-strong), transparent) right / .8rem 100% no-repeat scroll; }
.scroll:focus-visible { outline-offset: -2px; }
table { border-collapse: collapse; width: 100%; font-size: .8125rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding: .7rem .9rem; color: var(--soft); font-size: .875rem; }
th, td { padding: .42rem .6rem; text-align: right; white-space: nowrap; border-top: 1px solid var(--line); vertical-align: top; }
th { font-weight: 500; }
thead th { font-weight: 650; vertical-align: bottom; white-space: normal; min-width: 4.4rem; }
th small, td small { display: block; color: var(--soft); font-size: .75rem; line-height: 1.25; font-weight: 400; }
td small { white-space: normal; min-width: 5rem; margin-left: auto; }
tbody th, thead th:first-child { text-align: left; position: sticky; left: 0; background: var(--paper); padding-left: .9rem; }
tbody th { white-space: normal; min-width: 8rem; max-width: 18rem; overflow-wrap: anywhere; }
.best { font-weight: 680; background: var(--good); color: var(--good-ink); }
td.best small { color: inherit; }
table.words { font-size: .875rem; }
table.words code { white-space: nowrap; }
table.words td, table.words th { text-align: left; white-space: normal; }
table.words .number { text-align: right; white-space: nowrap; }
.nobreak { white-space: nowrap; }
.bar { display: block; height: .4rem; min-width: 6rem; border-radius: .2rem; background: var(--line); overflow: hidden; margin-top: .45rem; }
.bar span { display: block; height: 100%; background: var(--student); }
.user { margin: 1.5rem 0 0; padding: 1.25rem; border: 1px solid var(--line); border-radius: .75rem; break-inside: avoid; }
.user h3 { margin-top: 0; }
.took { margin: 0 0 1rem; font-size: .875rem; color: var(--soft); max-width: none; overflow-wrap: anywhere; }
.lists { display: grid; grid-template-columns: 1fr 1fr; gap: 1.25rem; }
.lists ol { margin: 0; padding: 0 0 0 1.9rem; font-size: .9375rem; }
.lists li { padding: .12rem .45rem; overflow-wrap: anywhere; }
.lists li::marker { color: var(--soft); font-variant-numeric: tabular-nums; }
.lists li.hit { background: var(--good); color: var(--good-ink); font-weight: 600; border-radius: .3rem; }
.lists small { color: var(--soft); font-weight: 400; white-space: nowrap; }
.lists .hit small { color: inherit; }
.lists small.only { border: 1px solid currentcolor; border-radius: .25rem; padding: 0 .25rem; }
.count { color: var(--soft); font-weight: 400; font-size: .875rem; }
pre { margin: 1rem 0; padding: .9rem 1.1rem; background: var(--panel); border-radius: .6rem; font-size: .875rem;
  white-space: pre-wrap; overflow-wrap: anywhere; }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; }
code { font-size: .92em; overflow-wrap: anywhere; }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.25rem; font-size: .875rem; margin: 1rem 0; }
.facts dt { color: var(--soft); }
.facts dd { margin: 0; overflow-wrap: anywhere; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (max-width: 640px) {
  main, header, footer { padding-left: 1rem; padding-right: 1rem; }
  header { padding-top: 1.75rem; }
  .figures, .lists { grid-template-columns: 1fr; }
  .figures { gap: .6rem; }
  .findings li { flex-direction: column; gap: .3rem; }
  .wide { display: none; }
  .narrow { display: block; }
  th, td { padding: .38rem .5rem; }
  tbody th { min-width: 7.2rem; max-width: 9rem; }
  .bar { min-width: 3rem; }
}
@media print {
  :root { ${light} }
  body { font-size: 10.5pt; }
  main, header, footer { max-width: none; padding: 0; }
  nav, .skip { display: none; }
  .wide { display: block; }
  .narrow { display: none; }
  .lists { grid-template-columns: 1fr 1fr; }
  details, details > .scroll { border: 0; margin: 0; }
  details > :not(summary) { margin-left: 0; margin-right: 0; }
  details:not(.rest)::details-content { content-visibility: visible; block-size: auto; display: block; }
  .rest:not([open]) > summary::after { content: " (in the file, on demand)"; font-weight: 400; }
  summary { padding: .5rem 0; list-style: none; break-after: avoid; }
  .scroll { overflow: visible; border: 0; background: none; margin: .4rem 0; }
  table { font-size: 7pt; }
  table.words { font-size: 7.5pt; }
  caption { font-size: 7.5pt; padding: .3rem .2rem; break-after: avoid; }
  td small, th small { font-size: 6pt; min-width: 0; }
  th, td { padding: .15rem .2rem; }
  thead th { min-width: 0; }
  tbody th { min-width: 5.2rem; }
  tbody th, thead th:first-child { position: static; padding-left: .2rem; }
  figure, .figures, tr { break-inside: avoid; }
  h2, h3, h4 { break-after: avoid; }
  .best, .hit, .verdict, .bar span, .figures div, pre, .legend svg, figure svg {
    print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
