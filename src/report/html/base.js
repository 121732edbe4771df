// SPDX-License-Identifier: MIT
// The data, numbers as people read them, and elements. Text from the data becomes text
// nodes only: nothing here or elsewhere writes HTML.

const data = JSON.parse(document.getElementById("data").textContent);
const machine = data.machine;

/** "125e-8 3 -": numbers; "-" is not known. */
function unpack(text) {
  return text ? text.split(" ").map((word) => (word === "-" ? null : Number(word))) : [];
}

const SMALL = ["", "m", "µ", "n", "p", "f", "a"];
const LARGE = ["", "k", "M", "G", "T", "P", "E"];

/** At most four digits that count, without zeros at the end. */
function digits(value, n = 4) {
  return String(Number(value.toPrecision(n)));
}

/** "1.555 TB/s", "83.52 µs", "128 MiB" where a size is that round, "12.5 %". */
function quantity(value, unit, n = 4) {
  if (value === null || value === undefined) return "–";
  if (unit === "%") return `${digits(value * 100, 3)} %`;
  if (unit === "") return plain(value);
  if (unit === "B" && value >= 1024 && value % 1024 === 0) {
    let size = value, prefix = 0;
    while (size % 1024 === 0 && size >= 1024 && prefix < 5) {
      size /= 1024;
      prefix++;
    }
    if (size < 10000) return `${size} ${["", "Ki", "Mi", "Gi", "Ti", "Pi"][prefix]}B`;
  }
  if (value === 0) return `0 ${unit}`;
  let power = Math.floor(Math.log10(Math.abs(Number(value.toPrecision(n)))) / 3);
  const list = power < 0 ? SMALL : LARGE;
  const most = unit === "B" || unit === "FLOP" ? 0 : -6;
  power = Math.max(most, Math.min(6, power));
  const prefix = list[Math.abs(power)];
  return `${digits(value / 10 ** (3 * power), n)} ${prefix}${unit}`;
}

/** Counts: "50,176", "23.76", "1.2e12". */
function plain(value) {
  if (value === null || value === undefined) return "–";
  if (Math.abs(value) >= 1e9) return value.toExponential(2).replace("e+", "e");
  if (Number.isInteger(value)) return value.toLocaleString("en-US");
  return digits(value);
}

function percent(part) {
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
 * columns: [{head, number}], rows: lists of texts or nodes.
 */
function plainTable(caption, columns, rows) {
  const head = el("tr", {}, columns.map((c) => el("th", {
    scope: "col", class: c.number ? "number" : null}, c.head)));
  const body = rows.map((row) => el("tr", {}, row.map((cell, i) =>
    i === 0 ? el("th", {scope: "row"}, cell)
      : el("td", {class: columns[i].number ? "number" : null}, cell))));
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
