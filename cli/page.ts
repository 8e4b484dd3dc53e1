/**
 * What a browser or curl sees of `isosocket serve`: a page that connects, or a few lines of text.
 * @module
 */
import type { HttpAnswer, UpgradeRequest } from "../index.node.ts";

/** What the server does with a message. */
export type Mode = "echo" | "broadcast";

/** Answers a request that is no upgrade. */
export function page(request: UpgradeRequest, mode: Mode, protocols: readonly string[]): HttpAnswer {
  if (request.method !== "GET" && request.method !== "HEAD") {
    return { status: 405, headers: { Allow: "GET, HEAD" }, body: "This is a WebSocket server: there is only a page to GET\n" };
  }
  if (request.path === "/favicon.ico") return { status: 404, body: "There is no icon\n" };
  if (request.header("Accept")?.includes("text/html") !== true) return { body: text(request, mode) };
  return {
    headers: {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      "X-Content-Type-Options": "nosniff",
    },
    body: html(mode, protocols),
  };
}

const DOES: Readonly<Record<Mode, string>> = {
  echo: "It sends every message back.",
  broadcast: "It sends every message to all others that are connected.",
};

function text({ secure, fields }: UpgradeRequest, mode: Mode): string {
  const url = `${secure ? "wss" : "ws"}://${fields.get("Host") ?? "localhost"}/`;
  return `This is a WebSocket server, "isosocket serve". ${DOES[mode]}\n\nConnect to it:\n  npx isosocket connect ${url}\n\nOr open this URL in a browser.\n`;
}

function html(mode: Mode, protocols: readonly string[]): string {
  return PAGE.replace("{does}", DOES[mode]).replace("{protocols}", () => JSON.stringify(protocols).replaceAll("<", "\\u003c"));
}

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>isosocket serve</title>
<style>
  :root { color-scheme: light dark }
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem }
  h1 { font-size: 1.3rem; margin: 0 }
  p { margin: .3rem 0 1rem }
  form { display: flex; gap: .5rem }
  input { flex: 1; min-width: 0 }
  input, button { font: inherit; padding: .4rem .7rem }
  #log { font: 14px/1.6 ui-monospace, monospace; list-style: none; padding: 0; white-space: pre-wrap; overflow-wrap: anywhere }
  .sent { color: #2563c9 } .received { color: #16803c } .note { opacity: .7 }
  @media (prefers-color-scheme: dark) { .sent { color: #7fb2ff } .received { color: #6fd08c } }
</style>
<h1>A WebSocket server</h1>
<p>This is <code>isosocket serve</code>. {does} From a terminal: <code id="command"></code></p>
<form id="form">
  <input id="input" placeholder="A message" aria-label="Message" autocomplete="off" autofocus>
  <button id="button">Send</button>
</form>
<ol id="log" aria-live="polite"></ol>
<script>
  const element = (id) => document.getElementById(id);
  const url = location.href.replace(/^http/, "ws").replace(/#.*/, "");
  element("command").textContent = "npx isosocket connect " + url;
  let socket;
  function print(kind, mark, text) {
    const line = document.createElement("li");
    line.className = kind;
    line.textContent = mark + " " + text;
    element("log").prepend(line);
    while (element("log").childElementCount > 500) element("log").lastChild.remove();
  }
  function open() {
    socket = new WebSocket(url, {protocols});
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      print("note", "*", "connected to " + url + (socket.protocol && ", subprotocol " + socket.protocol));
      element("button").textContent = "Send";
    };
    socket.onmessage = ({ data }) => print("received", "<", typeof data === "string" ? data : data.byteLength + " bytes");
    socket.onclose = ({ code, reason }) => {
      print("note", "*", "closed: " + code + (reason && " " + reason));
      element("button").textContent = "Connect again";
    };
  }
  element("form").onsubmit = (event) => {
    event.preventDefault();
    if (socket.readyState > 1) return open();
    if (socket.readyState < 1) return;
    socket.send(element("input").value);
    print("sent", ">", element("input").value);
    element("input").value = "";
  };
  open();
</script>
`;
