// SPDX-License-Identifier: MIT
// The data, numbers as people read them, and elements. Text from the data becomes text
// nodes only: nothing here or elsewhere writes HTML.

const data = JSON.parse(document.getElementById("data").textContent);
const machine = data.machine;

/** "125e-8 3 -": numbers; "-" is not known. */
function unpack(text) {
  return text ? text.split(" ").map((word) => (word === "-" ? null : Number(word))) : [];
}

const PREFIXES = ["a", "f", "p", "n", "µ", "m", "", "k", "M", "G", "T", "P", "E"];
const NONE = PREFIXES.indexOf(""), LAST = PREFIXES.length - 1;

/** The first and the last prefix that reads well: nobody says kiloseconds. Others have
 * none. As in perfsim's own reports (src/util/quantity_print.c). */
const RANGES = {
  "B": [NONE, LAST], "s": [0, NONE], "Hz": [NONE, LAST], "B/s": [NONE, LAST], "FLOP": [NONE, LAST],
  "FLOP/s": [NONE, LAST], "op/s": [NONE, LAST], "J": [0, LAST], "W": [0, LAST], "J/B": [0, LAST],
  "J/FLOP": [0, LAST], "J/op": [0, LAST],
};

/** At most n digits that count, without zeros at the end; "1.2e25" where that is long. */
function digits(value, n = 4) {
  const rounded = Number(value.toPrecision(n));
  const power = rounded === 0 ? 0 : Math.floor(Math.log10(Math.abs(rounded)));
  if (power >= -5 && power <= 5) return String(rounded);
  return rounded.toExponential().replace("e+", "e");
}

/** "40 GiB"; null where the size is not that round. */
function binarySize(value) {
  if (value < 1024 || value % 1024 !== 0) return null;
  let size = value, prefix = 0;
  while (size >= 1024 && prefix < 5) {
    size /= 1024;
    prefix++;
  }
  return size < 1024 && Number(digits(size)) === size ? `${digits(size)} ${["", "Ki", "Mi", "Gi", "Ti", "Pi"][prefix]}B` : null;
}

/** "1.555 TB/s", "83.52 µs", "128 MiB" where a size is that round, "12.5 %". */
function quantity(value, unit, n = 4) {
  if (value === null || value === undefined) return "–";
  if (unit === "%") return `${digits(value * 100, 3)} %`;
  if (unit === "") return plain(value);
  const size = unit === "B" ? binarySize(value) : null;
  if (size) return size;
  const [first, last] = RANGES[unit] ?? [NONE, NONE];
  const rounded = Math.abs(Number(value.toPrecision(n)));
  const exponent = rounded === 0 ? 0 : Math.floor(Math.log10(rounded) + 1e-12);
  let prefix = NONE + Math.floor(exponent / 3);
  if (prefix < first || prefix > last) prefix = NONE;
  // The digits before the point are all there, where they are few.
  const shown = prefix === NONE && exponent >= n && exponent <= 5 ? exponent + 1 : n;
  return `${digits(value / 1000 ** (prefix - NONE), shown)} ${PREFIXES[prefix]}${unit}`;
}

const WHOLE = new Intl.NumberFormat("en-US");

/** Counts: "50,176", "23.76", "1.2e12". */
function plain(value) {
  if (value === null || value === undefined) return "–";
  if (Math.abs(value) >= 1e9) return value.toExponential(2).replace("e+", "e");
  if (Number.isInteger(value)) return WHOLE.format(value);
  return digits(value);
}

function percent(part) {
  if (part > 0 && part < 5e-5) return "< 0.01 %";
  return quantity(part, "%");
}

/** el("p", {class: "x", onclick: f}, "text", child, ...) */
function el(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

function svg(name, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", name), attributes,
    children);
}

function fill(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) {
      node.addEventListener(key.slice(2), value);
    } else {
      node.setAttribute(key, value === true ? "" : value);
    }
  }
  append(node, children);
  return node;
}

function append(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

function byId(id) {
  return document.getElementById(id);
}

/** Put new children in the place of the old ones. */
function renew(node, ...children) {
  node.replaceChildren();
  append(node, children);
  return node;
}

function clamp(value, least, most) {
  return Math.min(most, Math.max(least, value));
}

/**
 * A table in a frame that scrolls by itself where the screen is narrow.
 * columns: [{head, number, tight}], rows: lists of texts or nodes.
 */
function plainTable(caption, columns, rows) {
  const head = el("tr", {}, columns.map((c) => el("th", {
    scope: "col", class: c.number ? "number" : null}, c.head)));
  const body = rows.map((row) => el("tr", {}, row.map((cell, i) =>
    i === 0 ? el("th", {scope: "row"}, cell)
      : el("td", {class: columns[i].number ? "number" : columns[i].tight ? "tight" : null}, cell))));
  return scrolling(caption, el("table", {}, el("caption", {}, caption),
    el("thead", {}, head), el("tbody", {}, body)));
}

/** Tab reaches what scrolls, so that keys scroll it. */
function scrolling(label, node) {
  return el("div", {class: "scrolling", role: "region", tabindex: "0", "aria-label": label},
    node);
}

/** A button that copies; says so, or that it could not. */
function copyButton(label, text) {
  const button = el("button", {type: "button", class: "copy"}, label);
  button.addEventListener("click", async () => {
    const done = await copyText(text());
    button.textContent = done ? "Copied" : "Not copied";
    setTimeout(() => (button.textContent = label), 1500);
  });
  return button;
}

/** Pages that are opened from disk may have no clipboard of the new kind. */
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = el("textarea", {class: "offscreen", "aria-hidden": "true"});
    const focus = document.activeElement;
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    focus?.focus();
    return done;
  }
}
