/**
 * The style that all pages share: colours, type, the bar at the top. The text of style sheets stands in modules, as nothing is read from files.
 * @module
 */

/** Colours are named once for light and once for dark; each text colour has a contrast of at least 4.5 on what it stands on. */
export const BASE_STYLE: string = `
:root {
  color-scheme: light dark;
  --back: #ffffff; --panel: #f6f7f9; --raised: #ffffff; --line: #dfe3e8; --line-strong: #c5ccd4;
  --text: #1b2027; --soft: #545e69; --link: #0a58a8; --focus: #2f81f7; --hover: #eef2f6;
  --pass: #176f31; --pass-back: #e3f4e8; --pass-fill: #3aa657;
  --non-strict: #7d5200; --non-strict-back: #fcf0d4; --non-strict-fill: #dba12c;
  --unimplemented: #545e69; --unimplemented-back: #eceff2; --unimplemented-fill: #b4bcc6;
  --fail: #b3202a; --fail-back: #fde8e9; --fail-fill: #dc4650;
  --text-op: #1550a8; --text-op-back: #e4eefc; --binary-op: #6d35b1; --binary-op-back: #f1e8fc;
  --more-op: #0b6570; --more-op-back: #dcf3f4; --close-op: #a02c52; --close-op-back: #fce6ee; --ping-op: #5c5700; --ping-op-back: #f4f1cf;
  --mono: ui-monospace, SFMono-Regular, "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #0f1318; --panel: #161b22; --raised: #1b222a; --line: #29313b; --line-strong: #3c4653;
    --text: #e3e8ee; --soft: #9ba7b4; --link: #79b8ff; --focus: #58a6ff; --hover: #1e262f;
    --pass: #67d585; --pass-back: #12301e; --pass-fill: #2f9a4c;
    --non-strict: #e9bd55; --non-strict-back: #35290c; --non-strict-fill: #b8862a;
    --unimplemented: #9ba7b4; --unimplemented-back: #232b34; --unimplemented-fill: #505c69;
    --fail: #ff8d92; --fail-back: #41181c; --fail-fill: #d2434c;
    --text-op: #8fc1ff; --text-op-back: #14294a; --binary-op: #cfaeff; --binary-op-back: #2d1d47;
    --more-op: #6fd6df; --more-op-back: #0c3237; --close-op: #ff9dbd; --close-op-back: #421829; --ping-op: #dcd26a; --ping-op-back: #302d0c;
  }
}
*, *::before, *::after { box-sizing: border-box }
[hidden] { display: none !important }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100% }
body { margin: 0; background: var(--back); color: var(--text); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif }
main, header, footer { max-width: var(--width, 72rem); margin: 0 auto; padding: 0 1.5rem }
a { color: var(--link); text-underline-offset: .15em }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 1px; border-radius: 4px }
h1, h2, p, dl, dd, ul, pre { margin: 0 }
p, li, dd { overflow-wrap: anywhere }
code, pre, kbd { font-family: var(--mono); font-size: .87em }
kbd { border: 1px solid var(--line-strong); border-bottom-width: 2px; border-radius: 4px; padding: 0 .35em; background: var(--panel) }
header { padding-top: 2.5rem; padding-bottom: 1.25rem }
.kicker { color: var(--soft); font-size: .87rem; letter-spacing: .02em }
h1 { font-size: 1.9rem; line-height: 1.2; font-weight: 650; letter-spacing: -.015em; overflow-wrap: anywhere; margin: .15rem 0 .5rem }
.sum { font-size: 1.08rem; margin-bottom: 1rem }
.stopped { display: inline-block; margin: 0 0 1rem; padding: .3rem .7rem; border-radius: 6px; background: var(--non-strict-back); color: var(--non-strict) }
.bar { display: block; width: 100%; height: .5rem; border-radius: .25rem; background: var(--unimplemented-back); overflow: hidden }
.bar .pass { fill: var(--pass-fill) } .bar .non-strict { fill: var(--non-strict-fill) }
.bar .unimplemented { fill: var(--unimplemented-fill) } .bar .fail { fill: var(--fail-fill) }
.tools { position: sticky; top: 0; z-index: 5; background: var(--back); border-bottom: 1px solid var(--line) }
.tools > div { max-width: var(--width, 72rem); margin: 0 auto; padding: .6rem 1.5rem; display: flex; flex-wrap: wrap; gap: .5rem .9rem; align-items: center }
.search { flex: 1 1 11rem; min-width: 0; display: flex }
.search input { width: 100%; font: inherit; font-size: 1rem; color: inherit; background: var(--panel); border: 1px solid var(--line-strong); border-radius: 8px; padding: .38rem .75rem }
.search input::placeholder { color: var(--soft); opacity: 1 }
.choices { display: flex; flex-wrap: wrap; gap: .35rem }
.choice { font: inherit; font-size: .87rem; cursor: pointer; color: var(--soft); background: none; border: 1px solid var(--line-strong); border-radius: 99px; padding: .22rem .75rem; white-space: nowrap }
.choice:hover { background: var(--hover) }
.choice.pass { color: var(--pass) } .choice.fail { color: var(--fail) } .choice.non-strict { color: var(--non-strict) }
.choice[aria-pressed=true] { background: var(--text); color: var(--back); border-color: var(--text); font-weight: 600 }
.choice.pass[aria-pressed=true] { background: var(--pass-back); color: var(--pass); border-color: currentColor }
.choice.fail[aria-pressed=true] { background: var(--fail-back); color: var(--fail); border-color: currentColor }
.choice.non-strict[aria-pressed=true] { background: var(--non-strict-back); color: var(--non-strict); border-color: currentColor }
.choice.unimplemented[aria-pressed=true] { background: var(--unimplemented-back); color: var(--unimplemented); border-color: currentColor }
.count { color: var(--soft); font-size: .87rem; white-space: nowrap }
.mark { display: inline-flex; align-items: center; justify-content: center; flex: none; width: 1.35rem; height: 1.35rem; border-radius: 5px; font: 700 .9rem/1 system-ui, sans-serif }
.mark.pass { color: var(--pass); background: var(--pass-back) } .mark.fail { color: var(--fail); background: var(--fail-back) }
.mark.non-strict { color: var(--non-strict); background: var(--non-strict-back) } .mark.unimplemented { color: var(--unimplemented); background: var(--unimplemented-back) }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
footer { color: var(--soft); font-size: .87rem; padding-top: 2rem; padding-bottom: 3rem }
@media (max-width: 40rem) {
  main, header, footer { padding-left: 1rem; padding-right: 1rem }
  header { padding-top: 1.5rem }
  h1 { font-size: 1.5rem }
  .tools > div { padding: .5rem 1rem }
  .choice { padding: .22rem .6rem }
}
@media print {
  :root {
    --back: #fff; --panel: #f6f7f9; --raised: #fff; --line: #d5dae0; --line-strong: #b9c0c8; --text: #000; --soft: #444c55; --link: #000; --hover: #fff;
    --pass: #176f31; --pass-back: #e3f4e8; --non-strict: #7d5200; --non-strict-back: #fcf0d4; --unimplemented: #545e69; --unimplemented-back: #eceff2;
    --fail: #b3202a; --fail-back: #fde8e9;
    --text-op: #1550a8; --text-op-back: #e4eefc; --binary-op: #6d35b1; --binary-op-back: #f1e8fc;
    --more-op: #0b6570; --more-op-back: #dcf3f4; --close-op: #a02c52; --close-op-back: #fce6ee; --ping-op: #5c5700; --ping-op-back: #f4f1cf;
  }
  body { font-size: 10pt; print-color-adjust: exact; -webkit-print-color-adjust: exact }
  main, header, footer { max-width: none; padding-left: 0; padding-right: 0 }
  .tools, .on-screen { display: none }
}
`;
