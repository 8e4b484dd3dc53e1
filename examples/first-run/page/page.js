/**
 * The page of the first run: people chat, and each frame of it is shown. Here it starts, and its parts are wired together.
 */
import { explain, explained } from "./anatomy.js";
import { addLine, showEnd, showMessage } from "./chat.js";
import { learnMeanings } from "./closing.js";
import { $, milliseconds, stacked } from "./dom.js";
import { add, addFrame, addRoundTrip, showLog } from "./frames.js";
import { choose, Link, link, links } from "./link.js";
import { listen, showLink, showPassed, showTrip } from "./servers.js";

const MEASURE_EVERY = 2_000;

const listener = {
  record: hear,
  message: showMessage,
  changed: showLink,
  closed(ended) {
    showEnd(ended);
    if (explained?.kind === "close") explain(explained);
  },
};

/** Hears a record of a watch. */
function hear(from, record) {
  if (record.type === "ready") {
    from.maxBinary = record.maxBinary;
    learnMeanings(record.closeCodes);
    from.openChat($("name").value);
    from.order({ do: "measure" });
  } else if (record.type === "servers") {
    for (const server of record.servers) (links.get(server.name) ?? new Link(server, listener)).update(server);
  } else if (record.type === "handshake") {
    add(from, { kind: "handshake", request: record.request, response: record.response });
  } else if (record.type === "frame") {
    from.passed[record.to] = record.passed;
    showPassed(from);
    addFrame(from, record);
  } else if (record.type === "measured") {
    from.trip = record.milliseconds;
    showTrip(from);
  } else if (record.type === "roundTrip") {
    if (from === link) addLine(`Pinged by the server: ${milliseconds(record.milliseconds)}`);
    addRoundTrip(from, record.ping, record.milliseconds);
  } else if (record.type === "close") {
    add(from, { kind: "close", clean: record.clean, page: record.page, server: record.server, fault: record.fault, link: from.connection });
  } else if (record.type === "missed") {
    add(from, { kind: "missed", count: record.count });
  }
}

$("ping").onclick = () => link.order({ do: "ping" });
$("fragments").onclick = () => link.order({ do: "fragments" });
$("reconnect").onclick = () => {
  link.connect();
  $("text").focus({ preventScroll: stacked.matches });
};

$("actions").open = !stacked.matches;

setInterval(() => {
  if (document.visibilityState === "visible") for (const each of links.values()) each.order({ do: "measure" });
}, MEASURE_EVERY);

listen(showLog);
// the server this page comes from; it tells of the others
const own = { name: "node", title: "Node", state: "open" };
new Link(own, listener);
choose(own.name);
link.update(own);
