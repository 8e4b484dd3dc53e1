/**
 * What the scripts of all pages share.
 * @module
 */

/** Functions, as text that stands within the script of a page. */
export const DOM_SCRIPT: string = String.raw`
// What is scrolled to must not end up under the tools, however many lines those take
{
  const tools = document.querySelector(".tools");
  const measure = () => document.documentElement.style.setProperty("--tools", tools.offsetHeight + "px");
  measure();
  new ResizeObserver(measure).observe(tools);
}

function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className !== "") element.className = className;
  element.append(...children);
  return element;
}

function count(number, one, many = one + "s") {
  return number.toLocaleString("en-US") + " " + (number === 1 ? one : many);
}

function wordsOf(text) {
  return text.toLowerCase().split(/\s+/).filter((word) => word !== "");
}

function hashOf({ hash }) {
  try {
    return decodeURIComponent(hash.slice(1));
  } catch {
    return hash.slice(1);
  }
}

function choose(verdict) {
  for (const button of document.querySelectorAll("[data-verdict].choice")) button.setAttribute("aria-pressed", String(button.dataset.verdict === verdict));
}

// A choice that is pressed again is taken back
function onChoice(then) {
  for (const button of document.querySelectorAll("[data-verdict].choice")) {
    button.addEventListener("click", () => {
      const verdict = button.getAttribute("aria-pressed") === "true" ? "" : button.dataset.verdict;
      choose(verdict);
      then(verdict);
    });
  }
}

// Letters are keys unless something is typed; Escape empties the search, and leaves it
function onKeys(search, keys) {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && document.activeElement === search) {
      search.value = "";
      search.dispatchEvent(new Event("input"));
      search.blur();
    } else if (!event.target.matches?.("input, select, textarea") && Object.hasOwn(keys, event.key)) {
      event.preventDefault();
      keys[event.key]();
    }
  });
}
`;
