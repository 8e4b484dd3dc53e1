/** The row of servers: a card for each, and the one that is chosen. */
import { $, bytes, el, milliseconds } from "./dom.js";
import { choose, link, links } from "./link.js";

/** Shows how a link is: on its card, and above if it is chosen. */
export function showLink(shown) {
  const card = $(`server-${shown.server.name}`) ?? addCard(shown);
  const { version, state, reason } = shown.server;
  const over = state === "failed" || state === "ended";
  card.dataset.state = shown.state;
  card.querySelector("input").disabled = state === "failed";
  setText(card.querySelector(".version"), version ?? "");
  setText(card.querySelector(".state"), shown.text);
  setText(card.querySelector(".reason"), over ? `${reason}.` : "");
  showTrip(shown);
  showPassed(shown);
  if (shown === link) showChosen();
}

/** Shows the last round trip. */
export function showTrip({ server, state, trip }) {
  setText($(`server-${server.name}`).querySelector(".trip"), state === "open" && trip !== undefined ? milliseconds(trip) : "");
}

/** Shows how much passed, both ways. */
export function showPassed({ server, passed }) {
  for (const to of ["server", "page"]) {
    const { frames, bytes: many } = passed[to];
    const cell = $(`server-${server.name}`).querySelector(`.passed [data-to=${to}]`);
    setText(cell.querySelector(".frames-passed"), frames.toLocaleString("en"));
    setText(cell.querySelector(".noun"), frames === 1 ? "frame" : "frames");
    setText(cell.querySelector(".bytes-passed"), bytes(many));
  }
}

/** @param onChoice hears that another link is chosen */
export function listen(onChoice) {
  $("servers").onchange = ({ target }) => {
    choose(target.value);
    showChosen();
    onChoice();
  };
}

/** Shows how the chosen link is, and enables what needs it open. */
export function showChosen() {
  const { state, text, server, url } = link;
  const status = $("status");
  status.dataset.state = state;
  setText(status, text);
  setText($("url"), url);
  setText($("through"), links.size > 1 ? `through ${server.title}` : "");
  const lost = document.activeElement?.hasAttribute("data-needs-open") && state === "closed";
  for (const button of document.querySelectorAll("[data-needs-open]")) button.disabled = state !== "open";
  $("reconnect").hidden = state !== "closed";
  if (lost) $("reconnect").focus();
}

function addCard({ server: { name, title } }) {
  const passed = (to, arrow, word) => el("span", { "data-to": to },
    el("span", { class: "arrow", "aria-hidden": "true" }, arrow), el("span", { class: "unseen" }, word),
    el("span", { class: "frames-passed" }), " ", el("span", { class: "noun" }), " ", el("span", { class: "bytes-passed" }));
  const card = el("label", { class: "server", id: `server-${name}` },
    el("input", { type: "radio", name: "server", value: name, "aria-labelledby": `runtime-${name}`, "aria-describedby": `state-${name}` }),
    el("span", { class: "runtime", id: `runtime-${name}` }, el("b", {}, title), " ", el("span", { class: "version" })),
    el("span", { class: "now" }, el("span", { class: "state", id: `state-${name}` }), " ", el("span", { class: "trip", title: "Round trip of a ping from this server to the page and back" })),
    el("span", { class: "reason" }),
    el("span", { class: "passed" }, passed("server", "→", "To the server: "), " ", passed("page", "←", "To the page: ")));
  card.querySelector("input").checked = links.get(name) === link;
  $("servers").append(card);
  return card;
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
