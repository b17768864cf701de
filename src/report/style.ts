// The report's style sheet: light and dark by the reader's setting, narrow screens, print. Text only.

export const style = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --panel: #f6f7f9; --ink: #1a1d23; --soft: #565d6b; --faint: #9aa1ad;
  --line: #e6e8ec; --line-strong: #cdd2da;
  --teacher: #6b4fbb; --student: #0b68c8; --variant: #b4530a; --pick: #12805c; --good: #e3f4ec; --good-ink: #0b5d42;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14161a; --panel: #1c1f25; --ink: #eceef2; --soft: #a7aebb; --faint: #6d7583;
    --line: #2a2e36; --line-strong: #414855;
    --teacher: #b39dfb; --student: #6cb2ff; --variant: #f0a35e; --pick: #4fd1a0; --good: #17372c; --good-ink: #8be3c2;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif;
}
main, header, footer { max-width: 64rem; margin: 0 auto; padding: 0 1.5rem; }
header { padding-top: 3rem; }
footer { padding-bottom: 3rem; color: var(--soft); font-size: .875rem; }
.kicker { margin: 0 0 .5rem; color: var(--soft); font-size: .875rem; overflow-wrap: anywhere; }
h1 { margin: 0; font-size: clamp(1.6rem, 4.2vw, 2.6rem); line-height: 1.18; letter-spacing: -.02em; font-weight: 680;
  text-wrap: balance; overflow-wrap: anywhere; }
h2 { margin: 3.5rem 0 .25rem; font-size: 1.35rem; letter-spacing: -.01em; }
h3 { margin: 0 0 .35rem; font-size: 1rem; overflow-wrap: anywhere; }
p { margin: .35rem 0 1rem; max-width: 46rem; }
.note { color: var(--soft); }
.figures { display: grid; grid-template-columns: repeat(3, 1fr); gap: 1rem; margin: 2rem 0 0; }
.figures div { padding: 1rem 1.15rem; background: var(--panel); border-radius: .75rem; display: flex; flex-direction: column; }
.figures dt { color: var(--soft); font-size: .875rem; order: 2; }
.figures dd { margin: 0; }
.figures .value { font-size: 1.75rem; font-weight: 680; line-height: 1.2; letter-spacing: -.02em; order: 1; }
.figures .against { color: var(--soft); font-size: .8125rem; order: 3; }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; margin: .75rem 0 .5rem; padding: 0;
  font-size: .875rem; color: var(--soft); }
.legend li { display: flex; align-items: center; gap: .4rem; }
.legend svg { flex: none; }
figure { margin: 0; }
figure svg { display: block; width: 100%; height: auto; overflow: visible; }
.narrow { display: none; }
.curves { display: grid; grid-template-columns: repeat(auto-fit, minmax(18rem, 1fr)); gap: 1rem; }
.scroll { position: relative; overflow-x: auto; margin: 1rem 0; border: 1px solid var(--line); border-radius: .75rem;
  background: linear-gradient(to left, var(--paper) 40%, transparent) right / 3rem 100% no-repeat local,
    linear-gradient(to left, var(--line-strong), transparent) right / .8rem 100% no-repeat scroll; }
.scroll:focus-visible { outline: 2px solid var(--student); outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding: .75rem .9rem; color: var(--soft); font-size: .875rem; }
th, td { padding: .42rem .75rem; text-align: right; white-space: nowrap; border-top: 1px solid var(--line); }
th { font-weight: 500; }
thead th { font-weight: 650; vertical-align: bottom; border-top: 0; }
caption + thead th { border-top: 1px solid var(--line); }
table.numbers { font-size: .8125rem; }
table.numbers thead th { white-space: normal; min-width: 4.6rem; }
table.numbers th, table.numbers td { padding-left: .5rem; }
table.numbers th:first-child { padding-left: .9rem; }
thead small { display: block; font-weight: 400; color: var(--soft); }
tbody th[scope=row], thead th:first-child, tbody th[scope=rowgroup] { text-align: left; position: sticky; left: 0; background: var(--paper); }
tbody th[scope=rowgroup] { font-weight: 650; padding-top: 1rem; color: var(--soft); font-size: .8125rem; }
td small { display: block; color: var(--soft); font-size: .75rem; line-height: 1.2; }
.best { font-weight: 680; background: var(--good); color: var(--good-ink); }
td.best small { color: inherit; }
table.words code { white-space: nowrap; }
table.words td, table.words th { text-align: left; white-space: normal; vertical-align: top; }
table.words .number { text-align: right; white-space: nowrap; }
.nobreak { white-space: nowrap; }
.bar { display: block; height: .4rem; min-width: 6rem; border-radius: .2rem; background: var(--line); overflow: hidden; margin-top: .45rem; }
.bar span { display: block; height: 100%; background: var(--student); }
.user { margin: 1.5rem 0 0; padding: 1.25rem; border: 1px solid var(--line); border-radius: .75rem; break-inside: avoid; }
.took { margin: 0 0 1rem; font-size: .875rem; color: var(--soft); max-width: none; overflow-wrap: anywhere; }
.lists { display: grid; grid-template-columns: 1fr 1fr; gap: 1.25rem; }
.lists ol { margin: 0; padding: 0 0 0 1.9rem; font-size: .9375rem; }
.lists li { padding: .12rem .45rem; overflow-wrap: anywhere; }
.lists li::marker { color: var(--faint); font-variant-numeric: tabular-nums; }
.lists li.hit { background: var(--good); color: var(--good-ink); font-weight: 600; border-radius: .3rem; }
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
  .wide { display: none; }
  .narrow { display: block; }
  th, td { padding: .38rem .6rem; }
  table.numbers tbody th { white-space: normal; min-width: 7rem; }
  .bar { min-width: 3rem; }
}
@media print {
  :root { --panel: #f6f7f9; }
  body { font-size: 10.5pt; }
  main, header, footer { max-width: none; padding: 0; }
  .scroll { overflow: visible; border: 0; background: none; }
  table { font-size: 7.5pt; }
  table.numbers { font-size: 6.5pt; }
  table.numbers td small, thead small { font-size: 5.5pt; }
  th, td, table.numbers th, table.numbers td { padding: .15rem .2rem; }
  table.numbers thead th { min-width: 0; }
  table.numbers tbody th[scope=row] { white-space: normal; }
  tbody th[scope=row], thead th:first-child { position: static; }
  figure, .figures, tr { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  .best, .hit, .bar span, .figures div, pre { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
@media print and (prefers-color-scheme: dark) {
  :root {
    --paper: #ffffff; --panel: #f6f7f9; --ink: #1a1d23; --soft: #565d6b; --faint: #9aa1ad; --line: #e6e8ec;
    --line-strong: #cdd2da; --teacher: #6b4fbb; --student: #0b68c8; --variant: #b4530a; --pick: #12805c;
    --good: #e3f4ec; --good-ink: #0b5d42;
  }
}
`;
