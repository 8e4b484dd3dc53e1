/**
 * The page of the first run: people chat, and each frame of it is shown. Here it starts, and its parts are wired together.
 */
import { explain, explained } from "./anatomy.js";
import { addLine, showEnd, showMessage } from "./chat.js";
import { learnMeanings } from "./closing.js";
import { $, milliseconds, stacked } from "./dom.js";
import { add, addFrame, addRoundTrip } from "./frames.js";
import { connect, link, openChat, order, setStatus } from "./link.js";

const listener = {
  record: hear,
  message: showMessage,
  closed(browser) {
    showEnd(browser);
    if (explained?.kind === "close") explain(explained);
  },
};

/** Hears a record of the watch. */
function hear(record) {
  if (record.type === "ready") {
    link.maxBinary = record.maxBinary;
    learnMeanings(record.closeCodes);
    openChat(listener);
  } else if (record.type === "handshake") {
    add({ kind: "handshake", request: record.request, response: record.response });
  } else if (record.type === "frame") {
    addFrame(record);
  } else if (record.type === "roundTrip") {
    addLine(`Pinged by the server: ${milliseconds(record.milliseconds)}`);
    addRoundTrip(record.ping, record.milliseconds);
  } else if (record.type === "close") {
    add({ kind: "close", clean: record.clean, page: record.page, server: record.server, fault: record.fault, link });
  } else if (record.type === "missed") {
    add({ kind: "missed", count: record.count });
  }
}

$("ping").onclick = () => order({ do: "ping" });
$("fragments").onclick = () => order({ do: "fragments" });
$("reconnect").onclick = () => {
  connect(listener);
  $("text").focus({ preventScroll: stacked.matches });
};

$("actions").open = !stacked.matches;

setStatus("connecting", "Connecting");
connect(listener);
