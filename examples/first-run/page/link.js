/**
 * The links: one to each server, of two WebSockets. `chat` talks, `watch` is told by the server which frames `chat` exchanged.
 */

/** Who sits at this page, whichever servers they talk through. */
const person = crypto.randomUUID();

/** All links, by the server's name, in the order of the cards. */
export const links = new Map();
/** The one that is spoken through and watched. */
export let link;

/** Chooses a link. */
export function choose(name) {
  link = links.get(name);
}

/** A link to one server; its sockets are replaced together. */
export class Link {
  /** What the log of frames keeps of it. */
  log = { entries: [], held: [], seen: new Map(), chosen: undefined };
  /** The sockets, and what belongs to them alone. */
  connection = undefined;
  state = "starting";
  text = "Starting";
  maxBinary = 0;
  /** The last round trip, in milliseconds. */
  trip = undefined;
  /** What passed, by whom it was for. */
  passed = nothing();
  #base = "";
  #listener;

  /** @param listener hears `record`, `message`, `closed` and `changed`, each with the link */
  constructor(server, listener) {
    this.server = server;
    this.#listener = listener;
    links.set(server.name, this);
  }

  /** Learns how the server is; connects to it when it is new. */
  update(server) {
    this.server = server;
    const base = server.url ?? location.origin.replace(/^http/, "ws");
    if (server.state === "failed" || server.state === "ended") this.setStatus("ended", server.state === "failed" ? "Not started" : "Ended");
    else if (server.state === "open" && this.#base !== base) this.connect(base);
    else this.#listener.changed(this);
  }

  /** Opens the watch. The chat is opened once the watch is ready. */
  connect(base = this.#base) {
    this.#base = base;
    this.connection?.chat?.close();
    this.connection?.watch.close();
    const id = crypto.randomUUID();
    const watch = new WebSocket(new URL(`/watch?id=${id}`, base));
    const mine = this.connection = { id, watch, chat: undefined, browser: undefined, awaited: [], begun: {} };
    this.trip = undefined;
    this.passed = nothing();
    this.setStatus("connecting", "Connecting");
    watch.onmessage = ({ data }) => {
      if (this.connection === mine) this.#listener.record(this, JSON.parse(data));
    };
    watch.onclose = ({ code }) => {
      if (this.connection !== mine || this.state === "ended") return;
      if (mine.chat?.readyState === WebSocket.OPEN) this.setStatus("open", "Open, but no longer watched");
      else this.setStatus("closed", code === 1001 ? "The server has stopped" : "No connection to the server");
    };
  }

  /** Opens the chat that the watch is told of. */
  openChat(name) {
    const mine = this.connection;
    const url = new URL("/chat", this.#base);
    url.search = new URLSearchParams({ id: mine.id, person, name });
    const chat = mine.chat = new WebSocket(url);
    chat.binaryType = "arraybuffer";
    chat.onopen = () => this.connection === mine && this.setStatus("open", "Open");
    chat.onmessage = ({ data }) => this.connection === mine && this.#listener.message(this, data);
    chat.onclose = ({ code, reason, wasClean }) => {
      if (this.connection !== mine) return;
      mine.browser = { code, reason, wasClean };
      if (this.state !== "ended") this.setStatus("closed", `Closed: ${code}`);
      this.#listener.closed(this);
    };
  }

  /** Where the chat is. */
  get url() {
    return this.#base === "" ? "" : new URL("/chat", this.#base).href;
  }

  get open() {
    return this.connection?.chat?.readyState === WebSocket.OPEN;
  }

  /** Asks the server for what a page cannot do. */
  order(what) {
    if (this.connection?.watch.readyState === WebSocket.OPEN) this.connection.watch.send(JSON.stringify(what));
  }

  setStatus(state, text) {
    this.state = state;
    this.text = text;
    this.#listener.changed(this);
  }
}

function nothing() {
  return { server: { frames: 0, bytes: 0 }, page: { frames: 0, bytes: 0 } };
}
