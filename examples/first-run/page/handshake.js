/** The opening and the closing handshake, taken apart. */
import { el, section } from "./dom.js";

/** Both heads, field by field. */
export function explainHandshake({ request, response }) {
  const field = (all, name) => all.find(([key]) => key.toLowerCase() === name)?.[1] ?? "";
  const verdict = el("span", {}, "");
  void acceptValue(field(request.fields, "sec-websocket-key")).then((value) => {
    verdict.textContent = value === field(response.fields, "sec-websocket-accept") ? " This page did the sum: it matches." : " This page did the sum: it does not match.";
  });
  const notes = {
    upgrade: "what to speak from here on",
    connection: "Upgrade is meant for this hop",
    "sec-websocket-key": "16 random bytes in base64",
    "sec-websocket-version": "13 is RFC 6455",
    "sec-websocket-extensions": "offered; this server takes none",
    "sec-websocket-accept": ["base64 of SHA-1 over the key and a fixed GUID: proof that the server speaks WebSocket.", verdict],
    origin: "the page that connects; this server takes this page only",
  };
  const head = (title, { line, fields }) => el("section", { class: "head" },
    el("h4", {}, title),
    el("p", { class: "line" }, line),
    el("dl", {}, ...fields.map(([name, value]) => {
      const note = notes[name.toLowerCase()];
      return el("div", { class: note === undefined ? "" : "noted" }, el("dt", {}, `${name}:`), el("dd", {}, value, note === undefined ? "" : el("small", {}, ...[note].flat())));
    })));
  return [
    el("div", { class: "title" }, el("h3", {}, "Opening handshake")),
    el("p", { class: "lead" }, "A WebSocket begins as an HTTP request. After the 101 the same TCP connection carries frames, both ways (", section("1.3"), ")."),
    head("The browser asks", request),
    head("The server answers", response),
  ];
}

/** The accept value for a key (section 4.2.2). */
async function acceptValue(key) {
  const digest = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`));
  return btoa(String.fromCharCode(...new Uint8Array(digest)));
}

/** Both close frames, and what the browser made of them. */
export function explainClose({ clean, page, server, fault, link: { browser } }) {
  const card = (title, status, none) => el("section", { class: "card" },
    el("h4", {}, title),
    status === null ? el("p", { class: "quiet" }, none) : el("p", { class: "code" }, String(status.code)),
    status === null ? "" : el("p", {}, status.meaning),
    status === null || status.reason === "" ? "" : el("p", { class: "reason" }, `“${status.reason}”`));
  return [
    el("div", { class: "title" }, el("h3", {}, "Close handshake")),
    el("p", { class: "lead" }, clean ? "Each side sent a close frame, then the server ended TCP (" : "The connection ended without a close frame from each side (", section("7.1"), ")."),
    el("div", { class: "cards" },
      card("The page’s close frame", page, "None came."),
      card("The server’s close frame", server, "None was sent.")),
    fault === undefined ? "" : el("p", {}, `The server failed the connection: ${fault}.`),
    browser === undefined ? "" : el("p", {}, "The browser told this page: ",
      el("code", {}, `code ${browser.code}, reason "${browser.reason}", wasClean ${browser.wasClean}`), "."),
    el("p", { class: "quiet" }, "Whoever gets a close frame first usually answers with the same code. 1005 stands for a close frame without a code, 1006 for none at all; neither is ever sent."),
  ].filter((part) => part !== "");
}
