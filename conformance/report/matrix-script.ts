/**
 * What the index does in a browser: it makes the rows of a section when that is opened, filters, searches, switches between servers and clients,
 * and shows why a cell is as it is. Text reaches the page as text alone.
 * @module
 */
import { DOM_SCRIPT } from "./dom-script.ts";

/** A script, as text: pages are assembled where nothing can be read from files or bundled. */
export const MATRIX_SCRIPT: string = String.raw`
"use strict";
(() => {
${DOM_SCRIPT}
const data = JSON.parse(document.querySelector("script#data").textContent);
const VERDICTS = { p: "pass", n: "non-strict", u: "unimplemented", f: "fail" };
const search = document.getElementById("search");
const differ = document.getElementById("differ");
const card = document.getElementById("card");
const chosen = { verdict: "", differ: false, words: [] };
let role = data.roles[0]?.role;

// Each section with its cases; rows are made once they are to be seen
const groups = data.roles.flatMap((matrix) => matrix.groups.map((group) => ({
  ...group,
  matrix,
  open: false,
  rows: undefined,
  body: [...document.querySelectorAll("#" + matrix.role + "-matrix .group")].find((body) => body.dataset.key === group.key),
  cases: group.cases.map((one) => ({
    ...one,
    text: [one.id, one.title, one.rule, one.autobahn === undefined ? "" : "autobahn " + one.autobahn, ...Object.values(one.reasons).flat()].join("\n").toLowerCase(),
    differs: new Set(one.verdicts.replaceAll(".", "")).size > 1,
  })),
})));
// What the card says of a cell
const cells = new Map();
for (const { matrix, key, body } of groups) {
  const name = body.querySelector(".name").textContent;
  for (const [at, link] of [...body.querySelectorAll("td a")].entries()) {
    const verdict = link.className;
    cells.set(link, { agent: matrix.agents[link.parentElement.cellIndex - 1], what: key.replace(/^rfc(\d+)-/, "RFC $1, section ") + ": " + name, verdict, reasons: [link.dataset.says] });
    link.tabIndex = at === 0 ? 0 : -1;
    link.removeAttribute("title");
  }
}

function idHref(id) {
  return encodeURIComponent(id).replaceAll("%3A", ":");
}

function makeRow(group, one) {
  const { agents, role } = group.matrix;
  const link = make("a", "id", one.id);
  link.href = "#" + (data.roles.length > 1 ? role + "s/" : "") + idHref(one.id);
  const title = make("span", "title", one.title);
  title.title = one.rule;
  const head = make("th", "", make("span", "line", link, title));
  head.scope = "row";
  const row = make("tr", "case", head);
  for (const [at, agent] of agents.entries()) {
    const verdict = VERDICTS[one.verdicts[at]];
    const cell = make("td", "");
    if (verdict !== undefined) {
      const link = make("a", verdict, data.words[verdict].mark);
      link.href = agent.file + "#" + idHref(one.id);
      link.setAttribute("aria-label", agent.name + ", " + one.id + ": " + data.words[verdict].past);
      link.tabIndex = -1;
      cells.set(link, { agent, what: one.id + ": " + one.title, verdict, reasons: one.reasons[at] ?? [] });
      cell.append(link);
    }
    row.append(cell);
  }
  const first = row.querySelector("td a");
  if (first !== null) first.tabIndex = 0;
  return row;
}

function fits(one) {
  return (chosen.verdict === "" || [...one.verdicts].some((letter) => VERDICTS[letter] === chosen.verdict))
    && (!chosen.differ || one.differs)
    && chosen.words.every((word) => one.text.includes(word));
}

function isFiltered() {
  return chosen.verdict !== "" || chosen.differ || chosen.words.length > 0;
}

function showGroup(group, open) {
  if (open && group.rows === undefined) {
    group.rows = group.cases.map((one) => makeRow(group, one));
    group.body.append(...group.rows);
  }
  group.body.querySelector(".toggle").setAttribute("aria-expanded", String(open));
  for (const [at, row] of (group.rows ?? []).entries()) row.hidden = !open || group.cases[at].out;
}

function update() {
  hideCard();
  const filtered = isFiltered();
  let shown = 0;
  let all = 0;
  for (const group of groups) {
    let left = 0;
    for (const one of group.cases) {
      one.out = filtered && !fits(one);
      if (!one.out) left++;
    }
    group.body.hidden = left === 0;
    if (group.matrix.role !== role) continue;
    shown += left;
    all += group.cases.length;
    showGroup(group, left > 0 && (filtered ? group.closed !== true : group.open));
    group.body.querySelector(".size").textContent = filtered ? left + " of " + group.cases.length : String(group.cases.length);
  }
  for (const body of document.querySelectorAll(".rfc-row")) {
    const matrix = body.closest(".role");
    body.hidden = !groups.some((group) => matrix.contains(group.body) && group.body.dataset.rfc === body.dataset.rfc && !group.body.hidden);
  }
  document.getElementById("count").textContent = filtered ? shown.toLocaleString("en-US") + " of " + count(all, "case") : "";
  document.getElementById("empty").hidden = shown > 0;
}

for (const group of groups) {
  group.body.querySelector(".toggle").addEventListener("click", ({ currentTarget }) => {
    const open = currentTarget.getAttribute("aria-expanded") !== "true";
    if (isFiltered()) group.closed = !open;
    else group.open = open;
    showGroup(group, open);
  });
}

function filterAnew() {
  for (const group of groups) group.closed = false;
  update();
}

search.addEventListener("input", () => {
  chosen.words = wordsOf(search.value);
  filterAnew();
});
onChoice((verdict) => {
  chosen.verdict = verdict;
  filterAnew();
});
function setDiffer(on) {
  chosen.differ = on;
  differ.setAttribute("aria-pressed", String(on));
}
differ.addEventListener("click", () => {
  setDiffer(!chosen.differ);
  filterAnew();
});

// -- servers or clients

function switchTo(next) {
  role = next;
  for (const tab of document.querySelectorAll(".roles button")) {
    tab.setAttribute("aria-selected", String(tab.dataset.role === role));
    tab.tabIndex = tab.dataset.role === role ? 0 : -1;
  }
  for (const part of document.querySelectorAll(".role")) part.hidden = part.dataset.role !== role;
  update();
}
for (const tab of document.querySelectorAll(".roles button")) {
  tab.addEventListener("click", () => {
    switchTo(tab.dataset.role);
    history.replaceState(null, "", "#" + role + "s");
  });
  tab.addEventListener("keydown", ({ key }) => {
    if (key !== "ArrowLeft" && key !== "ArrowRight") return;
    const other = tab.nextElementSibling ?? tab.previousElementSibling;
    other.click();
    other.focus();
  });
}

// -- links into the page

function follow() {
  const [, wanted, id] = /^(?:(server|client)s(?:\/|$))?(.*)$/s.exec(hashOf(location));
  if (wanted !== undefined && data.roles.some((matrix) => matrix.role === wanted) && wanted !== role) switchTo(wanted);
  const places = groups.flatMap((group) => group.cases.map((one, at) => ({ group, one, at }))).filter(({ one }) => one.id === id);
  const place = places.find(({ group }) => group.matrix.role === role) ?? places[0];
  if (place === undefined) return;
  if (isFiltered()) {
    search.value = "";
    chosen.words = [];
    chosen.verdict = "";
    choose("");
    setDiffer(false);
  }
  place.group.open = true;
  if (place.group.matrix.role !== role) switchTo(place.group.matrix.role);
  else update();
  for (const row of document.querySelectorAll(".case.here")) row.classList.remove("here");
  const row = place.group.rows[place.at];
  row.classList.add("here");
  const matrix = row.closest(".matrix");
  matrix.scrollTop += row.getBoundingClientRect().top - matrix.getBoundingClientRect().top - matrix.clientHeight / 2;
  matrix.scrollIntoView();
  row.querySelector("th a").focus({ preventScroll: true });
}

// -- the card that says why

let shown;
let pinned;
// What was used last: not every browser says it with a click
let pointer;
function showCard(link, pin) {
  const { agent, what, verdict, reasons } = cells.get(link);
  const words = data.words[verdict];
  const parts = [make("div", "head", make("span", "mark " + verdict, words.mark), agent.name), make("p", "what", what)];
  if (reasons.length === 0) parts.push(make("p", verdict, words.label));
  for (const reason of reasons.slice(0, 3)) parts.push(make("p", verdict, reason));
  if (reasons.length > 3) parts.push(make("p", "what", "and " + (reasons.length - 3) + " more"));
  if (pin) {
    const log = make("a", "", "Open on its page");
    log.href = link.href;
    parts.push(make("p", "", log));
  }
  card.replaceChildren(...parts);
  card.classList.toggle("pinned", pin);
  shown = link;
  pinned = pin ? link : undefined;
  placeCard();
}

function placeCard() {
  card.hidden = false;
  const at = shown.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = card;
  const { clientWidth, clientHeight } = document.documentElement;
  const below = at.bottom + 6 + height < clientHeight;
  card.style.left = Math.max(8, Math.min(at.left + at.width / 2 - width / 2, clientWidth - width - 8)) + "px";
  card.style.top = Math.max(8, below ? at.bottom + 6 : at.top - height - 6) + "px";
}

function hideCard() {
  card.hidden = true;
  shown = undefined;
  pinned = undefined;
}

// The card goes with its cell, as long as that is pointed at and in sight
function moveCard() {
  if (shown === undefined) return;
  const at = shown.getBoundingClientRect();
  const around = shown.closest(".matrix").getBoundingClientRect();
  const isWanted = shown === pinned || shown === document.activeElement || shown.matches(":hover");
  if (isWanted && at.top >= around.top && at.bottom <= around.bottom) placeCard();
  else hideCard();
}

for (const matrix of document.querySelectorAll(".matrix")) {
  const cellOf = ({ target }) => {
    const link = target.closest?.("td a");
    return cells.has(link) ? link : undefined;
  };
  matrix.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    const link = cellOf(event);
    if (link === undefined) hideCard();
    else showCard(link, false);
  });
  matrix.addEventListener("pointerleave", (event) => {
    if (event.pointerType !== "touch") hideCard();
  });
  matrix.addEventListener("focusin", (event) => {
    const link = cellOf(event);
    if (link !== undefined && link.matches(":focus-visible")) showCard(link, false);
  });
  matrix.addEventListener("focusout", () => {
    if (pinned === undefined) hideCard();
  });
  matrix.addEventListener("scroll", moveCard, { passive: true });
  // A tap shows why, the next one on the same cell goes there
  matrix.addEventListener("click", (event) => {
    const link = cellOf(event);
    if (link === undefined || pointer !== "touch" || pinned === link) return;
    event.preventDefault();
    showCard(link, true);
  });
  matrix.addEventListener("keydown", (event) => {
    const link = cellOf(event);
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (link === undefined || step === undefined) return;
    event.preventDefault();
    const cell = link.closest("td");
    const rows = [...matrix.querySelectorAll(".case, .group-row")].filter((row) => row.offsetParent !== null);
    let [y, x] = [rows.indexOf(cell.parentElement), cell.cellIndex];
    let next;
    do {
      [y, x] = [y + step[0], x + step[1]];
      next = rows[y]?.cells[x]?.querySelector("a:not(.id)");
    } while (next === null);
    if (next === undefined) return;
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest", inline: "nearest" });
    showCard(next, false);
  });
}
document.addEventListener("pointerdown", ({ target, pointerType }) => {
  pointer = pointerType;
  if (pinned !== undefined && !card.contains(target) && !pinned.contains(target)) hideCard();
});
addEventListener("scroll", moveCard, { passive: true });
addEventListener("keydown", ({ key }) => {
  if (key === "Escape") hideCard();
});
onKeys(search, { "/": () => search.focus(), d: () => differ.click() });

if (role !== undefined) switchTo(role);
addEventListener("hashchange", follow);
follow();
})();
`;
