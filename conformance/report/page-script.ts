/**
 * What the page of one run does in a browser: it shows the body of a case when that is opened, filters, searches, follows links into it, and
 * opens what failed before it is printed. Text reaches the page as text alone.
 * @module
 */
import { DOM_SCRIPT } from "./dom-script.ts";

/** A script, as text: pages are assembled where nothing can be read from files or bundled. */
export const PAGE_SCRIPT: string = String.raw`
"use strict";
(() => {
${DOM_SCRIPT}
const data = JSON.parse(document.querySelector("script#data").textContent);
const rows = [...document.querySelectorAll(".case")];
const groups = [...document.querySelectorAll(".group")];
const search = document.getElementById("search");
const chosen = { verdict: "", words: [] };
const about = new Map(rows.map((row, at) => [row, { at, verdict: row.dataset.verdict, group: row.closest(".group"), text: textOf(row) }]));
// What cases show once they are opened, in the order of the rows; undefined until it is unpacked
let bodies;
unpack(document.querySelector("script#archive").textContent).then((unpacked) => {
  bodies = unpacked;
  for (const row of rows) if (row.open) renderBody(row);
  follow();
  document.documentElement.dataset.ready = "";
});
// Sections that are open when nothing is filtered
const opened = new Set();

// What is searched: all that stands in a row from the beginning but how long it took
function textOf(row) {
  return [...row.querySelectorAll(".id, .title, .autobahn, .body")].map((part) => part.textContent).join("\n").toLowerCase();
}

async function unpack(text) {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"))).json();
}

// -- what a case shows

const OPCODES = { 0: "continuation", 1: "text", 2: "binary", 8: "close", 9: "ping", 10: "pong" };
const MARKS = data.marks;

function renderBody(row) {
  const { at, verdict: own, rendered } = about.get(row);
  if (rendered || bodies === undefined) return;
  about.get(row).rendered = true;
  const one = bodies[at];
  const body = row.querySelector(".body");
  const plan = make("dl", "plan");
  const add = (term, ...details) => plan.append(make("dt", "", term), make("dd", "", ...details));
  if (one.sends.length > 0) add("The tester", make("ul", "", ...one.sends.map((line) => make("li", "", line))));
  const accepts = [["pass", one.accepts.pass], ["non-strict", one.accepts.nonStrict], ["fail", one.accepts.fail]];
  for (const [verdict, text] of accepts) {
    if (text === undefined) continue;
    const term = make("dt", "", make("span", "verdict", make("span", "mark " + verdict, MARKS[verdict].mark), MARKS[verdict].label));
    plan.append(term, make("dd", verdict === own ? "is" : "", text));
  }
  if (one.compressed) {
    const { messages, payload, restored } = one.compressed;
    add("Came back compressed", count(messages, "message") + ", " + count(payload, "byte") + " on the wire for " + count(restored, "byte"));
  }
  body.append(plan);
  body.append(one.log.length === 0 ? make("p", "", "Nothing went over the wire.") : renderLog(one.log));
  const foot = make("p", "foot");
  const link = make("a", "", "Link to this case");
  link.href = "#" + encodeURIComponent(row.id).replaceAll("%3A", ":");
  foot.append(link);
  if (data.command !== undefined) foot.append(make("span", "", "This case alone: ", make("code", "", data.command.replace("{id}", () => row.id))));
  body.append(foot);
}

function renderLog(log) {
  const head = make("tr", "", ...[["at", "ms"], ["by", "who"], ["what", "what"]].map(([name, text]) => make("th", name, text)));
  const table = make("table", "log", make("thead", "", head), make("tbody", "", ...log.map(renderEntry)));
  table.setAttribute("aria-label", "What went over the wire");
  return table;
}

function renderEntry(entry) {
  const by = entry.kind === "note" ? "note" : entry.by === "tester" ? "tester →" : "← peer";
  return make("tr", entry.kind + " " + entry.by, make("td", "at", time(entry.at)), make("td", "by", by), make("td", "what", ...renderWhat(entry)));
}

function renderWhat(entry) {
  switch (entry.kind) {
    case "head": return [make("pre", "", entry.text.trimEnd())];
    case "frame": return renderFrame(entry);
    case "bytes": return [make("div", "chips", chip("bytes", "odd", "no frame, or not a whole one"), chip(count(entry.length, "byte"))), hex("", [["data", entry.hex]], entry.length)];
    case "end": return ["ends TCP"];
    case "drop": return ["drops TCP"];
    case "note": return [entry.text];
    case "skipped": return ["… " + count(entry.count, "entry", "entries") + " left out"];
    default: return [String(entry.kind)];
  }
}

function renderFrame(frame) {
  const name = OPCODES[frame.opcode];
  const chips = make("div", "chips", chip(name ?? "opcode " + frame.opcode, "op op-" + (name === undefined ? "other" : frame.opcode), "opcode " + frame.opcode));
  chips.append(frame.fin ? chip("FIN", "", "the last frame of its message") : chip("no FIN", "off", "more frames of its message follow"));
  for (const [bit, label] of [[4, "RSV1"], [2, "RSV2"], [1, "RSV3"]]) {
    if (frame.rsv & bit) chips.append(chip(label, "rsv", bit === 4 ? "a reserved bit; permessage-deflate sets it on compressed messages" : "a reserved bit"));
  }
  chips.append(frame.masked ? chip("masked") : chip("unmasked", "off"), chip(count(frame.length, "byte")));
  const parts = [chips];
  if (frame.says !== undefined && frame.says !== "") parts.push(make("div", "says", frame.says));
  parts.push(hex("header", headerParts(frame.header)));
  if (frame.payload !== "") parts.push(hex("payload", [["data", frame.payload]], frame.length));
  return parts;
}

// A header is two bytes, 0, 2 or 8 of extended length, and 4 of masking key
function headerParts(header) {
  const digits = header.replace(/\s/g, "");
  const code = parseInt(digits.slice(2, 4), 16) & 127;
  const end = 4 + (code === 126 ? 4 : code === 127 ? 16 : 0);
  return [["bits", digits.slice(0, 2)], ["length", digits.slice(2, end)], ["key", digits.slice(end)]].filter(([, text]) => text !== "");
}

const TITLES = { bits: "FIN, reserved bits and opcode", length: "mask bit and length", key: "masking key", data: "" };

function hex(lead, parts, length) {
  const line = make("div", "hex", make("span", "lead", lead));
  let shown = 0;
  for (const [name, text] of parts) {
    const bytes = text.replace(/\s/g, "").match(/..?/g) ?? [];
    shown += bytes.length;
    const piece = make("span", name, bytes.join(" "));
    if (TITLES[name]) piece.title = TITLES[name];
    line.append(piece, " ");
  }
  if (length > shown) line.append(make("span", "rest", "and " + count(length - shown, "byte") + " more"));
  return line;
}

function chip(text, className = "", title = "") {
  const element = make("span", "chip " + className, text);
  if (title !== "") element.title = title;
  return element;
}

function time(at) {
  return at < 100 ? at.toFixed(2) : at < 1000 ? at.toFixed(1) : Math.round(at).toLocaleString("en-US");
}

for (const row of rows) {
  row.addEventListener("toggle", () => {
    if (row.open) renderBody(row);
  });
  // The address is that of the case last opened by hand, so that it can be sent to somebody
  row.querySelector("summary").addEventListener("click", () => {
    if (!row.open) history.replaceState(null, "", "#" + encodeURIComponent(row.id).replaceAll("%3A", ":"));
  });
}

// -- filter and search

function update() {
  const filtered = chosen.verdict !== "" || chosen.words.length > 0;
  let shown = 0;
  const left = new Map();
  for (const [row, one] of about) {
    const fits = (chosen.verdict === "" || one.verdict === chosen.verdict) && chosen.words.every((word) => one.text.includes(word));
    row.hidden = !fits;
    if (fits) {
      shown++;
      left.set(one.group, (left.get(one.group) ?? 0) + 1);
    }
  }
  for (const group of groups) {
    group.hidden = !left.has(group);
    show(group, filtered || opened.has(group));
  }
  for (const part of document.querySelectorAll(".rfc")) part.hidden = part.querySelector(".group:not([hidden])") === null;
  document.getElementById("count").textContent = filtered ? shown.toLocaleString("en-US") + " of " + count(rows.length, "case") : "";
  document.getElementById("empty").hidden = shown > 0;
  // what is filtered is all there: nothing is left to expand
  document.getElementById("all").hidden = filtered;
}

function show(group, open) {
  group.classList.toggle("open", open);
  group.querySelector(".toggle").setAttribute("aria-expanded", String(open));
}

// What is filtered is shown; a section that is opened by hand stays open
function expand(group, open) {
  if (open) opened.add(group);
  else opened.delete(group);
  show(group, open);
  const all = document.getElementById("all");
  const every = opened.size === groups.length;
  all.setAttribute("aria-expanded", String(every));
  all.textContent = every ? "Collapse all" : "Expand all";
}

for (const group of groups) {
  group.querySelector(".toggle").addEventListener("click", () => expand(group, !group.classList.contains("open")));
}

search.addEventListener("input", () => {
  chosen.words = wordsOf(search.value);
  update();
});
onChoice((verdict) => {
  chosen.verdict = verdict;
  update();
});
document.getElementById("all").addEventListener("click", () => {
  const open = opened.size < groups.length;
  for (const group of groups) expand(group, open);
});

// -- links into the page

function follow() {
  const target = document.getElementById(hashOf(location));
  if (target === null || !(target.matches(".case") || target.matches(".group"))) return;
  if (target.hidden || target.closest(".group").hidden) {
    search.value = "";
    chosen.words = [];
    choose("");
    chosen.verdict = "";
    update();
  }
  expand(target.closest(".group"), true);
  if (target.matches(".case")) {
    target.open = true;
    renderBody(target);
  }
  target.scrollIntoView();
  target.querySelector("summary, .toggle").focus({ preventScroll: true });
}

addEventListener("hashchange", follow);
follow();

// -- keys

onKeys(search, {
  "/": () => search.focus(),
  j: () => step(1),
  k: () => step(-1),
  n: () => step(1, (row) => row.dataset.verdict === "fail"),
  p: () => step(-1, (row) => row.dataset.verdict === "fail"),
});

function step(by, wanted = () => true) {
  const open = rows.filter((row) => row.offsetParent !== null && wanted(row));
  if (open.length === 0) return;
  const here = document.activeElement?.closest?.(".case, .group");
  const first = by > 0 ? open.find((row) => isBehind(here, row)) : open.findLast((row) => isBehind(row, here));
  const target = first ?? (by > 0 ? open[0] : open[open.length - 1]);
  const summary = target.querySelector("summary");
  summary.focus({ preventScroll: true });
  summary.scrollIntoView({ block: "nearest" });
}

function isBehind(a, b) {
  return !a || !b || (a !== b && (a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0);
}

// -- on paper: all that failed is opened, and closed again afterwards

let closing = [];
function beforePrint() {
  const wanted = rows.filter((row) => !row.hidden && (row.dataset.verdict === "fail" || row.dataset.verdict === "non-strict"));
  closing.push(...wanted.filter((row) => !row.open));
  for (const row of wanted) {
    renderBody(row);
    row.open = true;
  }
}
function afterPrint() {
  for (const row of closing) row.open = false;
  closing = [];
}
addEventListener("beforeprint", beforePrint);
addEventListener("afterprint", afterPrint);
matchMedia("print").addEventListener("change", ({ matches }) => matches ? beforePrint() : afterPrint());
})();
`;
