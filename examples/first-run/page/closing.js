/** The form that closes, and what close codes mean. */
import { $, el } from "./dom.js";
import { link } from "./link.js";

let meanings = new Map();

/** Learns from the server which codes a close frame may carry, and their meanings. */
export function learnMeanings(closeCodes) {
  meanings = new Map(closeCodes);
  showMeaning();
}

export function meaningOf(code) {
  return meanings.get(code) ?? meanings.get(Math.floor(code / 1000) * 1000 >= 3000 ? Math.floor(code / 1000) * 1000 : 0) ?? "not a code that may be sent";
}

function closedByPage() {
  return $("close").elements.who.value === "page";
}

/** Says what the code means and whether this side may send it. */
function showMeaning() {
  const code = Number($("code").value);
  const may = (value) => meanings.has(value) || (value >= 3000 && value <= 4999);
  const pageMay = (value) => value === 1000 || (value >= 3000 && value <= 4999);
  const bytes = new TextEncoder().encode($("reason").value).length;
  const wrong = bytes > 123 ? `The reason has ${bytes} bytes; a close frame has room for 123.`
    : !may(code) ? `A close frame may not carry ${$("code").value || "no code"}.`
    : closedByPage() && !pageMay(code) ? "Browsers let pages send 1000 and 3000 to 4999 only. The server may send this one."
    : "";
  $("code").setCustomValidity(wrong);
  $("meaning").textContent = wrong || `${code}: ${meaningOf(code)}.`;
  $("meaning").dataset.wrong = String(wrong !== "");
  $("codes").replaceChildren(...[...meanings].filter(([value]) => !closedByPage() || pageMay(value))
    .map(([value, meaning]) => el("option", { value, label: meaning })));
}

$("close").oninput = showMeaning;
$("close").onsubmit = (event) => {
  event.preventDefault();
  const code = Number($("code").value);
  const reason = $("reason").value;
  if (closedByPage()) {
    link.setStatus("closing", "Closing");
    link.connection.chat.close(code, reason);
  } else {
    link.order({ do: "close", code, reason });
  }
};
