/**
 * The style of the page of one run.
 * @module
 */

/** Comes behind the style that all pages share. */
export const PAGE_STYLE: string = `
.facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .2rem 1rem; margin-top: 1.1rem; font-size: .93rem }
.facts dt { color: var(--soft) } 
.facts code { user-select: all }
main { padding-top: .5rem }
h2 { font-size: 1.02rem; font-weight: 650; margin: 1.75rem 0 .5rem; display: flex; gap: .6rem; align-items: baseline; flex-wrap: wrap }
h2 small { color: var(--soft); font-weight: 400; font-size: .9rem }
summary { cursor: pointer; list-style: none }
summary::-webkit-details-marker { display: none }
.group { border: 1px solid var(--line); border-bottom-width: 0; background: var(--raised) }
h2 + .group { border-radius: 10px 10px 0 0 } .group:last-of-type { border-radius: 0 0 10px 10px; border-bottom-width: 1px }
h2 + .group:last-of-type { border-radius: 10px }
h3 { margin: 0; font: inherit }
.toggle { font: inherit; color: inherit; text-align: left; width: 100%; border: 0; background: none; cursor: pointer; display: grid; grid-template-columns: 1.1rem 4.2rem minmax(0, 1fr) auto 7rem; gap: .75rem; align-items: center; padding: .5rem .9rem }
.toggle:hover, .case > summary:hover { background: var(--hover) }
.toggle::before { content: ""; width: .42rem; height: .42rem; margin-left: .2rem; border: solid var(--soft); border-width: 0 1.5px 1.5px 0; transform: rotate(-45deg) }
.group.open .toggle::before { transform: rotate(45deg) translate(-1px, -1px) }
.toggle .number { font-family: var(--mono); font-size: .87rem; color: var(--soft) }
.toggle .name { font-weight: 550; overflow-wrap: anywhere }
.tally { display: flex; gap: .3rem .7rem; font-size: .87rem; color: var(--soft); white-space: nowrap; flex-wrap: wrap; justify-content: flex-end }
.tally .fail { color: var(--fail); font-weight: 650 } .tally .non-strict { color: var(--non-strict); font-weight: 650 } .tally .pass { color: var(--pass) }
.group:not(.open) .case:not(.fail, .non-strict) { display: none }
.cases { padding: 0 0 .3rem } .group.open .cases { border-top: 1px solid var(--line); padding: .25rem 0 }
.group:not(.open):not(:has(.fail, .non-strict)) .cases { display: none }
@media (scripting: none) { .group .case, .group .cases { display: block !important } .toggle { cursor: default } .toggle::before { visibility: hidden } .tools { display: none } }
.case > summary { display: grid; grid-template-columns: 1.35rem 6.4rem minmax(0, 1fr) auto; gap: .75rem; padding: .3rem .9rem; align-items: start }
.case .id { font-family: var(--mono); font-size: .87rem; line-height: 1.6; overflow-wrap: anywhere; color: var(--soft) }
.case .title { overflow-wrap: anywhere }
.case .why { display: block; font-size: .9rem; color: var(--soft); overflow-wrap: anywhere }
.case.fail .why { color: var(--fail) } .case.non-strict .why { color: var(--non-strict) }
.case .aside { color: var(--soft); font-size: .82rem; line-height: 1.8; white-space: nowrap; text-align: right; max-width: 15rem; overflow: hidden; text-overflow: ellipsis }
.case[open] > summary .why { display: none }
.case[open] { background: var(--panel); box-shadow: inset 3px 0 var(--line-strong) }
.case[open].fail { box-shadow: inset 3px 0 var(--fail-fill) } .case[open].non-strict { box-shadow: inset 3px 0 var(--non-strict-fill) } .case[open].pass { box-shadow: inset 3px 0 var(--pass-fill) }
.case, .group, .case > summary { scroll-margin-top: calc(var(--tools, 3.7rem) + .7rem) }
.body { padding: .25rem 1rem 1.25rem 3rem; display: grid; grid-template-columns: minmax(0, 1fr); gap: .9rem }
.body ul { padding-left: 1.1rem }
.rule { font-size: 1rem }
.rule a { white-space: nowrap }
.reasons { border-radius: 8px; padding: .55rem .9rem; list-style: none; background: var(--unimplemented-back) }
.body ul.reasons { padding-left: .9rem }
.fail .reasons { background: var(--fail-back); color: var(--fail) } .non-strict .reasons { background: var(--non-strict-back); color: var(--non-strict) }
.plan { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .35rem 1rem; font-size: .93rem }
.plan dt { color: var(--soft) }
.plan dd ul { padding: 0; list-style: none }
.plan .verdict { display: inline-flex; gap: .45rem; align-items: center } .plan .verdict .mark { width: 1.1rem; height: 1.1rem; font-size: .75rem }
.plan .is { font-weight: 600; color: var(--text) }
.log { width: 100%; border-collapse: separate; border-spacing: 0; background: var(--raised); border: 1px solid var(--line); border-radius: 8px; font-size: .9rem; table-layout: fixed }
.log th { text-align: left; font-weight: 500; color: var(--soft); font-size: .8rem; padding: .35rem .7rem; border-bottom: 1px solid var(--line) }
.log td { padding: .4rem .7rem; vertical-align: top; border-bottom: 1px solid var(--line); overflow-wrap: anywhere }
.log tr:last-child td { border-bottom: 0 }
.log .at { width: 4.8rem; text-align: right; font-family: var(--mono); font-size: .8rem; line-height: 1.75; color: var(--soft) }
.log .by { width: 5.8rem; white-space: nowrap; color: var(--soft) }
.log tr.peer .by { color: var(--text); font-weight: 550 }
.log tr.note td { background: var(--panel); font-style: italic }
.log pre { white-space: pre-wrap; line-height: 1.5; font-size: .82rem }
.chips { display: flex; flex-wrap: wrap; gap: .25rem .35rem; align-items: center }
.chip { border-radius: 5px; padding: .02rem .42rem; font-size: .8rem; line-height: 1.5; background: var(--unimplemented-back); color: var(--soft); white-space: nowrap }
.chip.odd { background: var(--fail-back); color: var(--fail); font-weight: 650 } .chip.off { background: none; box-shadow: inset 0 0 0 1px var(--line-strong) }
.chip.rsv { background: var(--non-strict-back); color: var(--non-strict); font-weight: 650 }
.chip.op { font-weight: 650 }
.op-1 { background: var(--text-op-back); color: var(--text-op) } .op-2 { background: var(--binary-op-back); color: var(--binary-op) }
.op-0 { background: var(--more-op-back); color: var(--more-op) } .op-8 { background: var(--close-op-back); color: var(--close-op) }
.op-9, .op-10 { background: var(--ping-op-back); color: var(--ping-op) } .op-other { background: var(--fail-back); color: var(--fail) }
.says { font-family: var(--mono); font-size: .85rem; margin: .2rem 0 0; white-space: pre-wrap; unicode-bidi: isolate }
.hex { font-family: var(--mono); font-size: .8rem; line-height: 1.6; color: var(--soft); margin-top: .2rem; word-spacing: .08em; overflow-wrap: normal }
.hex .lead { font-family: system-ui, sans-serif; display: inline-block; min-width: 3.6rem }
.hex .rest { font-family: system-ui, sans-serif; white-space: nowrap } .hex .bits { color: var(--text-op); font-weight: 650 } .hex .length { color: var(--more-op); font-weight: 650 } .hex .key { color: var(--binary-op) } .hex .data { color: var(--text) }
.foot { font-size: .87rem; color: var(--soft); display: flex; flex-wrap: wrap; gap: .3rem 1.25rem }
.foot code { user-select: all; overflow-wrap: anywhere }
.empty { padding: 2.5rem 0; text-align: center; color: var(--soft) }
@media (max-width: 40rem) {
  .choice .label, #all { display: none } .choices { flex-wrap: nowrap; gap: .25rem; overflow-x: auto } .choice { padding: .22rem .55rem }
  .facts { grid-template-columns: minmax(0, 1fr); gap: 0 } .facts dd { margin-bottom: .45rem }
  .toggle { grid-template-columns: 1.1rem minmax(0, 1fr) auto; gap: .1rem .6rem; padding: .55rem .7rem }
  .toggle .number { grid-column: 2; grid-row: 1 } .toggle .name { grid-column: 2 / 4; grid-row: 2 }
  .toggle .tally { grid-column: 3; grid-row: 1 } .toggle .bar { display: none }
  .case > summary { grid-template-columns: 1.35rem minmax(0, 1fr); gap: 0 .6rem; padding: .4rem .7rem }
  .case .mark { grid-row: 1 / 4 } .case .id, .case .title { grid-column: 2 } .case .aside { display: none }
  .body { padding: .25rem .7rem 1rem }
  .plan { grid-template-columns: minmax(0, 1fr); gap: 0 } .plan dd { margin-bottom: .45rem }
  .log, .log tbody, .log tr, .log td { display: block; width: auto } .log thead { display: none }
  .log tr { display: grid; grid-template-columns: auto 1fr; padding: .45rem .6rem; border-bottom: 1px solid var(--line) } .log tr:last-child { border-bottom: 0 }
  .log td { padding: 0; border: 0 } .log td:last-child { grid-column: 1 / 3 }
  .log td.at { grid-column: 2; grid-row: 1 } .log td.by { grid-column: 1; grid-row: 1; font-size: .82rem; width: auto } .log .at { width: auto }
  .log tr.note { background: var(--panel) }
}
@media print {
  .group, .case { break-inside: auto } .case > summary, .log tr, .toggle { break-inside: avoid } .case > summary, .toggle { break-after: avoid }
  .group .case:is(.pass, .unimplemented), .group:not(:has(.fail, .non-strict)) .cases { display: none }
  .body { padding-left: 1rem }
}
`;
