/**
 * The style of the index over several agents.
 * @module
 */

/** Comes behind the style that all pages share. */
export const MATRIX_STYLE: string = `
.roles { display: flex; gap: .25rem; margin: 1.1rem 0 0; border-bottom: 1px solid var(--line) }
.roles button { font: inherit; color: var(--soft); background: none; border: 0; border-bottom: 2px solid transparent; padding: .4rem .9rem; margin-bottom: -1px; cursor: pointer }
.roles button:hover { color: var(--text) }
.roles button[aria-selected=true] { color: var(--text); font-weight: 650; border-bottom-color: var(--text) }
h2 { font-size: 1.15rem; margin: 1.5rem 0 .6rem }
.agents { width: 100%; border-collapse: collapse; font-size: .93rem }
.agents th, .agents td { padding: .42rem .6rem; text-align: left; border-bottom: 1px solid var(--line); vertical-align: middle }
.agents thead th { font-weight: 500; color: var(--soft); font-size: .82rem; white-space: nowrap }
.agents th:first-child { padding-left: 0 }
.agents .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
.agents .zero { color: var(--soft) }
.agents td.fail:not(.zero) { color: var(--fail); font-weight: 650 } .agents td.non-strict:not(.zero) { color: var(--non-strict); font-weight: 650 }
.agents tbody th { font-weight: 600; overflow-wrap: anywhere; min-width: 9rem } .agents tbody th a { text-decoration: none } .agents tbody th a:hover { text-decoration: underline }
.agents .share { width: 26%; min-width: 5rem } .agents td.when { color: var(--soft); white-space: nowrap; font-size: .87rem }
.early { font-weight: 400; font-size: .82rem; color: var(--non-strict); white-space: nowrap }
.tools { border-top: 1px solid transparent; margin-top: 1.5rem }
:root:has(.many) { --width: 96rem }
.matrix { position: relative; overflow: auto; max-height: calc(100vh - var(--tools, 3.7rem) - 1rem); max-height: calc(100dvh - var(--tools, 3.7rem) - 1rem); margin-top: .8rem; border: 1px solid var(--line); border-radius: 10px; scroll-margin-top: calc(var(--tools, 3.7rem) + .5rem); overscroll-behavior-x: contain; background: var(--raised) }
.matrix table { border-collapse: separate; border-spacing: 0; width: 100%; font-size: .93rem }
.matrix th, .matrix td { border-bottom: 1px solid var(--line); background: var(--raised) }
.matrix tbody:last-of-type tr:last-child > * { border-bottom: 0 }
.matrix thead th { position: sticky; top: 0; z-index: 2; vertical-align: bottom; padding: .6rem .2rem; font-weight: 600; border-bottom-color: var(--line-strong); background: var(--panel) }
.matrix thead th:first-child { left: 0; z-index: 3; text-align: left; padding: .6rem .9rem; color: var(--soft); font-weight: 400; font-size: .87rem }
.matrix thead a { text-decoration: none; color: var(--text) } .matrix thead a:hover { text-decoration: underline }
.matrix .agent { min-width: 2.9rem; width: 2.9rem }
.matrix .agent a { display: inline-block; writing-mode: vertical-rl; transform: rotate(180deg); max-height: 9rem; overflow: hidden; font-size: .87rem; line-height: 1.2; overflow-wrap: anywhere }
.few .agent { min-width: 7.5rem; width: 7.5rem } .few .agent a { max-height: none; font-size: inherit; writing-mode: horizontal-tb; transform: none; white-space: normal; overflow-wrap: anywhere }
.matrix tbody th { position: sticky; left: 0; z-index: 1; text-align: left; font-weight: 400; min-width: 15rem; border-right: 1px solid var(--line) }
.matrix thead th:first-child { border-right: 1px solid var(--line) }
.matrix .rfc-row th { font-weight: 650; padding: .9rem .9rem .35rem; font-size: 1.02rem; background: var(--back) } .matrix .rfc-row td { background: var(--back) }
.rfc-row small { color: var(--soft); font-weight: 400; font-size: .87rem; margin-left: .4rem }
.toggle { font: inherit; color: inherit; text-align: left; width: 100%; border: 0; background: none; cursor: pointer; display: grid; grid-template-columns: .9rem 4.2rem minmax(0, 1fr) auto; gap: .55rem; align-items: baseline; padding: .48rem .9rem }
.toggle::before { content: ""; width: .42rem; height: .42rem; border: solid var(--soft); border-width: 0 1.5px 1.5px 0; transform: rotate(-45deg); align-self: center }
.toggle[aria-expanded=true]::before { transform: rotate(45deg) translate(-1px, -1px) }
.toggle .number, .case .id { font-family: var(--mono); font-size: .84rem; color: var(--soft) }
.toggle .name { font-weight: 550; overflow-wrap: anywhere } .toggle .size { color: var(--soft); font-size: .84rem }
.group-row:hover > *, .case:hover > * { background: var(--hover) }
.matrix td { text-align: center; padding: 0 }
.matrix td a { position: relative; display: flex; align-items: center; justify-content: center; min-height: 2.1rem; margin: 1px; border-radius: 5px; text-decoration: none; font-weight: 700; font-size: .9rem; line-height: 1; font-variant-numeric: tabular-nums }
.matrix td a:hover { box-shadow: inset 0 0 0 1.5px currentColor }
.matrix td .pass { color: var(--pass) } .matrix td .unimplemented { color: var(--unimplemented) }
.matrix td .fail { color: var(--fail); background: var(--fail-back) } .matrix td .non-strict { color: var(--non-strict); background: var(--non-strict-back) }
.case th .line { display: grid; grid-template-columns: 6.6rem minmax(0, 1fr); gap: .55rem; padding: .38rem .9rem .38rem 2.35rem; align-items: baseline }
.case .id { color: var(--link); text-decoration: none; overflow-wrap: anywhere } .case .id:hover { text-decoration: underline }
.case .title { overflow-wrap: anywhere; line-height: 1.35 }
.case.here th { box-shadow: inset 3px 0 var(--focus) }
#card { position: fixed; z-index: 20; width: max-content; max-width: min(24rem, calc(100vw - 1.5rem)); background: var(--raised); border: 1px solid var(--line-strong); border-radius: 10px; padding: .7rem .9rem; box-shadow: 0 8px 28px rgb(0 0 0 / .18); font-size: .9rem; pointer-events: none }
#card.pinned { pointer-events: auto }
#card .head { display: flex; gap: .5rem; align-items: center; font-weight: 650; overflow-wrap: anywhere } #card .what { color: var(--soft); margin: .25rem 0 }
#card .fail { color: var(--fail) } #card .non-strict { color: var(--non-strict) }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; margin-bottom: .6rem } .legend span { display: inline-flex; gap: .45rem; align-items: center }
.empty { padding: 2rem 0; text-align: center; color: var(--soft) }
@media (scripting: none) { .roles, .tools { display: none } .toggle { cursor: default } .toggle::before { visibility: hidden } }
@media screen and (scripting: enabled) { body:has(.roles) .role h2 { display: none } .roles { margin-bottom: 1rem } }
@media (max-width: 40rem) {
  .choice .label { display: none } .choices { flex-wrap: nowrap; gap: .25rem; overflow-x: auto } .choice { padding: .22rem .6rem }
  .agents, .agents tbody { display: block } .agents thead, .agents .when { display: none }
  .agents tr { display: grid; grid-template-columns: repeat(4, auto) 1fr; gap: .1rem .9rem; padding: .55rem 0; border-bottom: 1px solid var(--line) }
  .agents th, .agents td { padding: 0; border: 0; min-width: 0 !important } .agents tbody th, .agents .share { grid-column: 1 / -1; width: auto } .agents .share { padding: .2rem 0 }
  .agents td.number::before { content: attr(data-mark) " " }
  .matrix { margin-left: -.5rem; margin-right: -.5rem }
  .matrix tbody th { min-width: 9.6rem; max-width: 9.6rem } .few .agent { min-width: 4.5rem; width: 4.5rem; font-size: .82rem }
  .toggle { grid-template-columns: .6rem minmax(0, 1fr); padding: .45rem .5rem; gap: .1rem .4rem; font-size: .87rem } .toggle .name { grid-column: 2 } .toggle .size { display: none }
  .case th .line { grid-template-columns: minmax(0, 1fr); padding: .35rem .5rem .35rem 1.5rem; gap: 0; font-size: .84rem }
  .rfc-row th { padding-left: .5rem; padding-right: .2rem } .rfc-row small { display: block; margin: 0 } .matrix thead th:first-child { padding: .5rem }
}
@media print {
  .roles, #card { display: none !important }
  .role[hidden] { display: block !important }
  .matrix { overflow: visible; max-height: none; border-radius: 0 } .matrix thead th, .matrix tbody th { position: static }
  .matrix table { font-size: 8pt } .matrix:not(.few) .agent { min-width: 2rem; width: 2rem } .agents .share { width: 16% } .matrix tbody th { min-width: 0 } .matrix tr { break-inside: avoid } .matrix td a { min-height: 1.3rem }
  .matrix thead { display: table-header-group } .agents th a, .matrix a { color: inherit }
}
`;
