/**
 * The two WebSockets: `chat` talks, `watch` is told by the server which frames `chat` exchanged.
 */
import { $ } from "./dom.js";

/** The connection shown now; its sockets are replaced together. */
export let link;

/** Opens the watch; the listener hears its records. The chat is opened once the watch is ready. */
export function connect(listener) {
  link?.chat?.close();
  link?.watch.close();
  const id = crypto.randomUUID();
  const base = location.origin.replace(/^http/, "ws");
  const watch = new WebSocket(`${base}/watch?id=${id}`);
  const mine = { id, watch, chat: undefined, browser: undefined, awaited: [], begun: {}, maxBinary: 0 };
  link = mine;
  setStatus("connecting", "Connecting");
  watch.onmessage = ({ data }) => {
    if (link === mine) listener.record(JSON.parse(data));
  };
  watch.onclose = ({ code }) => {
    if (link !== mine) return;
    if (mine.chat?.readyState === WebSocket.OPEN) setStatus("open", "Open, but no longer watched");
    else setStatus("closed", code === 1001 ? "The server has stopped" : "No connection to the server");
  };
}

/** Opens the chat that the watch is told of; the listener hears its messages and its end. */
export function openChat(listener) {
  const mine = link;
  const url = new URL(`${location.origin.replace(/^http/, "ws")}/chat`);
  $("url").textContent = url.href;
  url.searchParams.set("id", mine.id);
  url.searchParams.set("name", $("name").value);
  const chat = mine.chat = new WebSocket(url);
  chat.binaryType = "arraybuffer";
  chat.onopen = () => link === mine && setStatus("open", "Open");
  chat.onmessage = ({ data }) => link === mine && listener.message(data);
  chat.onclose = ({ code, reason, wasClean }) => {
    if (link !== mine) return;
    mine.browser = { code, reason, wasClean };
    setStatus("closed", `Closed: ${code}`);
    listener.closed(mine.browser);
  };
}

/** Asks the server for what a page cannot do. */
export function order(what) {
  if (link.watch.readyState === WebSocket.OPEN) link.watch.send(JSON.stringify(what));
}

/** Shows how the connection is, and enables what needs it open. */
export function setStatus(state, text) {
  const status = $("status");
  status.dataset.state = state;
  status.textContent = text;
  const lost = document.activeElement?.hasAttribute("data-needs-open") && state === "closed";
  for (const button of document.querySelectorAll("[data-needs-open]")) button.disabled = state !== "open";
  $("reconnect").hidden = state !== "closed";
  if (lost) $("reconnect").focus();
}
