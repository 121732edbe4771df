// SPDX-License-Identifier: MIT
// Words with a definition: the first use opens it where it stands, later ones lead to the
// list.

/** Words in sentences that perfsim wrote, longest first. */
const WORDS = [
  ["arithmetic intensity", "intensity"], ["ridge point", "ridge"], ["memory-bound", "memory-bound"],
  ["compute-bound", "compute-bound"], ["plain roofline", "roof"], ["the ridge", "ridge"],
  ["mapping", "mapping"], ["latency", "latency"], ["FLOP/B", "intensity"],
];

/** A word of the text; markTerms() makes of it what it is. */
function term(key, text) {
  return el("span", {"data-term": key}, text);
}

/** In the order of the page: a button where a word is used first, else a link. */
function markTerms() {
  for (const mark of document.querySelectorAll("[data-term]")) {
    const key = mark.dataset.term;
    mark.replaceWith(document.querySelector(`button.term[data-key="${key}"]`)
      ? el("a", {class: "term", href: `#def-${key}`}, mark.textContent)
      : firstUse(key, mark.textContent));
  }
}

function firstUse(key, text) {
  const button = el("button", {type: "button", class: "term", "data-key": key,
    "aria-expanded": "false"}, text);
  button.addEventListener("click", () => toggleDefinition(button, key));
  return button;
}

function toggleDefinition(button, key) {
  const open = button.getAttribute("aria-expanded") === "true";
  button.setAttribute("aria-expanded", String(!open));
  if (open) {
    byId(button.getAttribute("aria-controls")).remove();
    return;
  }
  const id = `opened-${key}`;
  const dt = byId(`def-${key}`);
  dt.classList.add("seen");
  const note = el("aside", {id, class: "definition", role: "note"},
    el("strong", {}, dt.textContent), " – ", dt.nextElementSibling.textContent);
  button.setAttribute("aria-controls", id);
  button.closest("p, div, li, dd").after(note);
}

/** A sentence with its words marked. */
function withTerms(sentence) {
  const parts = [];
  const seen = new Set();
  let rest = sentence;
  while (rest) {
    let best = null;
    for (const [word, key] of WORDS) {
      const at = rest.indexOf(word);
      if (at < 0 || seen.has(key) || (best && at >= best.at)) continue;
      best = {word, key, at};
    }
    if (!best) break;
    seen.add(best.key);
    parts.push(rest.slice(0, best.at), term(best.key, best.word));
    rest = rest.slice(best.at + best.word.length);
  }
  return [...parts, rest];
}
