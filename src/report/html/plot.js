// SPDX-License-Identifier: MIT
// What charts share: logarithmic axes, labels that keep clear of each other, a tooltip.

/** Decades from least to most over a stretch of pixels. */
function logScale(least, most, from, to) {
  const a = Math.log10(least), b = Math.log10(most);
  const at = (value) => from + ((Math.log10(value) - a) / (b - a)) * (to - from);
  return {least, most, at, decades: Math.round(b - a)};
}

/** Whole decades around all values, at least one. */
function decadesAround(values) {
  const known = values.filter((v) => v > 0 && Number.isFinite(v));
  const least = Math.floor(Math.log10(Math.min(...known)));
  const most = Math.ceil(Math.log10(Math.max(...known)));
  return [10 ** least, 10 ** Math.max(most, least + 1)];
}

/** Powers of ten that are labelled, so that labels have room. */
function ticks(scale, room) {
  const each = Math.max(1, Math.ceil((scale.decades + 1) / Math.max(2, room)));
  const list = [];
  const first = Math.round(Math.log10(scale.least));
  for (let p = first; p <= Math.round(Math.log10(scale.most)); p++) {
    list.push({value: 10 ** p, labelled: (p - first) % each === 0});
  }
  return list;
}

/** "0.1", "1000", "100 G": a power of ten without its unit. */
function tickText(value) {
  if (value >= 1e-3 && value < 1e4) return String(Number(value.toPrecision(1)));
  return quantity(value, "FLOP").replace("FLOP", "").trim();
}

/** Boxes that are taken; a label goes where it meets none of them. */
class Labels {
  /** @param area where labels may be: {x, y, width, height} */
  constructor(root, area) {
    this.root = root;
    this.area = area;
    this.boxes = [];
  }

  take(x, y, width, height) {
    this.boxes.push({x, y, width, height});
  }

  /** What is drawn already. */
  takeNode(node) {
    const box = node.getBBox();
    this.take(box.x, box.y, box.width, box.height);
  }

  free(box) {
    const gap = 2;
    const a = this.area;
    if (box.x < a.x || box.y < a.y || box.x + box.width > a.x + a.width ||
        box.y + box.height > a.y + a.height) return false;
    return this.boxes.every((o) => box.x >= o.x + o.width + gap ||
      o.x >= box.x + box.width + gap || box.y >= o.y + o.height + gap ||
      o.y >= box.y + box.height + gap);
  }

  /** The first of the places {x, y, anchor} with room; false: the label is left away. */
  put(text, className, places, turn) {
    const node = svg("text", {class: `label ${className}`}, text);
    this.root.append(node);
    for (const place of places) {
      node.setAttribute("x", place.x);
      node.setAttribute("y", place.y);
      node.setAttribute("text-anchor", place.anchor ?? "start");
      const box = turn ? rotated(node.getBBox(), turn, place) : node.getBBox();
      if (!this.free(box)) continue;
      if (turn) node.setAttribute("transform", `rotate(${turn} ${place.x} ${place.y})`);
      this.take(box.x, box.y, box.width, box.height);
      return node;
    }
    node.remove();
    return null;
  }
}

/** The upright box around a box that is turned about a place. */
function rotated(box, degrees, about) {
  const angle = (degrees * Math.PI) / 180;
  const corners = [[box.x, box.y], [box.x + box.width, box.y], [box.x, box.y + box.height],
    [box.x + box.width, box.y + box.height]].map(([x, y]) => [
    about.x + (x - about.x) * Math.cos(angle) - (y - about.y) * Math.sin(angle),
    about.y + (x - about.x) * Math.sin(angle) + (y - about.y) * Math.cos(angle)]);
  const xs = corners.map((c) => c[0]), ys = corners.map((c) => c[1]);
  const x = Math.min(...xs), y = Math.min(...ys);
  return {x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y};
}

/** A frame with two logarithmic axes. @return what to draw in, and its scales */
function logFrame(place, width, options) {
  const narrow = width < 520;
  const height = options.height ?? Math.round(clamp(width * 0.62, 300, 520));
  const margin = {left: narrow ? 46 : 58, right: 12, top: 26, bottom: 44};
  const root = svg("svg", {width, height, viewBox: `0 0 ${width} ${height}`, role: "group",
    "aria-label": options.title, class: "plot"});
  renew(place, root);
  const x = logScale(...options.x, margin.left, width - margin.right);
  const y = logScale(...options.y, height - margin.bottom, margin.top);
  const labels = new Labels(root, {x: margin.left, y: margin.top, width: width - margin.left,
    height: height - margin.top - margin.bottom});
  const grid = svg("g", {class: "grid", "aria-hidden": "true"});
  root.append(grid);
  const tick = (at, vertical) => {
    const p = vertical ? x.at(at.value) : y.at(at.value);
    grid.append(vertical
      ? svg("line", {x1: p, x2: p, y1: margin.top, y2: height - margin.bottom})
      : svg("line", {x1: margin.left, x2: width - margin.right, y1: p, y2: p}));
    if (!at.labelled) return;
    const text = svg("text", vertical
      ? {class: "label tick", x: p, y: height - margin.bottom + 20, "text-anchor": "middle"}
      : {class: "label tick", x: margin.left - 6, y: p + 4, "text-anchor": "end"},
    tickText(at.value));
    grid.append(text);
    if (vertical && p + text.getBBox().width / 2 > width - 1) {
      text.setAttribute("text-anchor", "end");
      text.setAttribute("x", width - 1);
    }
    labels.takeNode(text);
  };
  for (const at of ticks(x, (width - margin.left) / 60)) tick(at, true);
  for (const at of ticks(y, (height - margin.top) / 32)) tick(at, false);
  const titles = [
    svg("text", {class: "label axis", x: width - margin.right, y: height - 8, "text-anchor": "end"},
      `${options.xTitle} →`),
    svg("text", {class: "label axis", x: 4, y: 14}, `↑ ${options.yTitle}`)];
  for (const one of titles) {
    grid.append(one);
    labels.takeNode(one);
  }
  const clip = `clip-${place.id}`;
  root.append(svg("clipPath", {id: clip}, svg("rect", {x: margin.left, y: margin.top,
    width: width - margin.left - margin.right, height: height - margin.top - margin.bottom})));
  return {root, x, y, labels, margin, width, height, clip: `url(#${clip})`, narrow};
}

/** A label that ends at a place and must not begin before another. */
function fitLabel(root, text, x, y, className, least, brief = text) {
  const node = svg("text", {class: `label ${className}`, x, y, "text-anchor": "end"}, text);
  root.append(node);
  if (node.getBBox().x < least) node.textContent = brief;
  for (let n = brief.length - 1; n > 1 && node.getBBox().x < least; n--) {
    node.textContent = `${brief.slice(0, n)}…`;
  }
}

/** Shapes that differ where colours do not. */
const SHAPES = [
  (r) => `M ${-r} 0 a ${r} ${r} 0 1 0 ${2 * r} 0 a ${r} ${r} 0 1 0 ${-2 * r} 0 z`,
  (r) => `M ${-r * 0.9} ${-r * 0.9} h ${r * 1.8} v ${r * 1.8} h ${-r * 1.8} z`,
  (r) => `M 0 ${-r * 1.2} L ${r * 1.2} 0 L 0 ${r * 1.2} L ${-r * 1.2} 0 z`,
  (r) => `M 0 ${-r * 1.15} L ${r * 1.1} ${r * 0.85} L ${-r * 1.1} ${r * 0.85} z`,
  (r) => `M 0 ${r * 1.15} L ${r * 1.1} ${-r * 0.85} L ${-r * 1.1} ${-r * 0.85} z`,
];

function shape(index, r) {
  return SHAPES[index % SHAPES.length](r);
}

let pointedAt = null;

/** Numbers beside a mark, while it is pointed at or has the focus. */
function showTooltip(mark, title, rows) {
  const tip = byId("tooltip");
  renew(tip, el("strong", {}, title), el("dl", {}, rows.map(([name, value]) =>
    [el("dt", {}, name), el("dd", {}, value)])));
  tip.hidden = false;
  pointedAt = mark;
  placeTooltip(tip, mark);
}

/** Above the mark and to its right, where there is room. */
function placeTooltip(tip, mark) {
  const box = mark.getBoundingClientRect(), own = tip.getBoundingClientRect();
  const right = box.right + 10 + own.width < innerWidth;
  const left = right ? box.right + 10 : Math.max(4, box.left - own.width - 10);
  tip.style.left = `${Math.min(left, innerWidth - own.width - 4)}px`;
  tip.style.top = `${clamp(box.top - own.height - 8 > 4 ? box.top - own.height - 8
    : box.bottom + 8, 4, Math.max(4, innerHeight - own.height - 4))}px`;
}

function hideTooltip() {
  byId("tooltip").hidden = true;
  pointedAt = null;
}

function startTooltip() {
  addEventListener("keydown", (event) => {
    if (event.key === "Escape") hideTooltip();
  });
  // A mark that gets the focus may scroll into view.
  addEventListener("scroll", () => {
    if (!pointedAt) return;
    if (pointedAt.isConnected) placeTooltip(byId("tooltip"), pointedAt);
    else hideTooltip();
  }, {passive: true});
}

/** Of many marks one is a stop of Tab; arrow keys go from one to the next. */
function roving(marks, current) {
  for (const [i, mark] of marks.entries()) {
    mark.setAttribute("tabindex", i === current ? "0" : "-1");
    mark.addEventListener("keydown", (event) => {
      const step = {ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1}[event.key];
      const to = {Home: 0, End: marks.length - 1}[event.key] ??
        (step === undefined ? undefined : (i + step + marks.length) % marks.length);
      if (to === undefined) return;
      event.preventDefault();
      mark.setAttribute("tabindex", "-1");
      marks[to].setAttribute("tabindex", "0");
      marks[to].focus();
    });
  }
}

/** A row of switches: [{key, text, on, mark}]; tells which were changed. */
function switches(place, title, list, changed) {
  place.append(el("fieldset", {}, el("legend", {}, title), list.map((one) => {
    const box = el("input", {type: "checkbox", "data-key": one.key});
    box.checked = one.on;
    box.addEventListener("change", () => {
      one.on = box.checked;
      changed(one);
    });
    return el("label", {class: "switch"}, box, one.mark, el("span", {}, one.text));
  })));
}
