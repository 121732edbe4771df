// SPDX-License-Identifier: MIT
// Draws a roofline: slopes, ceilings, ridge points, marks. What to draw is the caller's.

/** Whether a ceiling is one of the workload's own roofs: operation and data type. */
function isOwnCeiling(one, ceiling) {
  return one.roofs.some((roof) => {
    const [operation, dtype] = roof.name.split(", ");
    return operation === ceiling.operation && ceiling.dtypes.split(", ").includes(dtype);
  });
}

function ceilingText(ceiling) {
  return `${ceiling.dtypes} (${ceiling.operation})`;
}

/** Which of the memories of a run a slope is of; its colour and its shape. */
function levelIndex(one, memory) {
  return one.memories.findIndex((m) => m.name === memory);
}

/**
 * The frame that all of it fits in: marks, ridge points and some room.
 * Marks far below the roofs would press all others together: they are left out.
 */
function extents(model) {
  const top = Math.max(...model.ceilings.map((c) => c.flop_per_s));
  const ridges = model.slopes.flatMap((s) => model.ceilings.map((c) =>
    c.flop_per_s / s.bytes_per_s));
  const least = top * 2e-5;
  const shown = model.points.filter((p) => p.y >= least);
  const low = shown.map((p) => p.y).concat(top / 100);
  return {
    x: decadesAround(shown.map((p) => p.x).concat(ridges.map((r) => r * 2.5),
      ridges.map((r) => r / 2.5))),
    y: [decadesAround(low.map((v) => v / 1.5))[0], decadesAround([top * 1.4])[1]],
    left: model.points.filter((p) => p.y < least),
  };
}

/** Draw; @return {marks, left}: elements of the points, and points that are not there. */
function drawRoofline(place, width, model) {
  const fit = model.extents ?? extents(model);
  const frame = logFrame(place, width, {x: fit.x, y: fit.y, title: model.title,
    xTitle: "work over bytes (FLOP/B)", yTitle: "rate (FLOP/s)"});
  const roofs = svg("g", {"clip-path": frame.clip});
  frame.root.append(roofs);
  if (model.before) drawRoofs(frame, roofs, model.before, "before");
  drawRoofs(frame, roofs, model, "");
  const marks = drawMarks(frame, model.points.filter((p) => !fit.left.includes(p)));
  labelRoofs(frame, model);
  labelMarks(frame, marks);
  return {marks, left: fit.left};
}

const DASHES = {matrix: null, vector: "7 4", scalar: "2 4"};

function drawRoofs(frame, root, model, className) {
  const top = Math.max(...model.ceilings.map((c) => c.flop_per_s));
  const fast = Math.max(...model.slopes.map((s) => s.bytes_per_s));
  const {x, y} = frame;
  for (const s of model.slopes) {
    const end = Math.min(top / s.bytes_per_s, x.most);
    root.append(svg("line", {class: `slope ${s.home ? "home" : ""} level-${s.level} ${className}`,
      x1: x.at(x.least), y1: y.at(x.least * s.bytes_per_s), x2: x.at(end),
      y2: y.at(end * s.bytes_per_s)}));
  }
  for (const c of model.ceilings) {
    const start = Math.max(c.flop_per_s / fast, x.least);
    root.append(svg("line", {class: `ceiling ${className}`, "stroke-dasharray": DASHES[c.kind],
      x1: x.at(start), y1: y.at(c.flop_per_s), x2: x.at(x.most), y2: y.at(c.flop_per_s)}));
  }
  if (className) return;
  for (const ridge of ridges(model)) {
    if (ridge.x > x.most) continue;
    root.append(svg("circle", {class: `ridge level-${ridge.slope.level}`, r: 3.5,
      cx: x.at(ridge.x), cy: y.at(ridge.y)}));
  }
}

/** Where slopes meet the ceiling that the workload is held by, or the highest. */
function ridges(model) {
  const own = model.ceilings.find((c) => c.own) ?? model.ceilings[0];
  return model.slopes.map((slope) => ({slope, ceiling: own, y: own.flop_per_s,
    x: own.flop_per_s / slope.bytes_per_s}));
}

function labelRoofs(frame, model) {
  const {x, y, labels, margin, width, narrow} = frame;
  const right = width - margin.right - 2;
  for (const c of model.ceilings) {
    const at = y.at(c.flop_per_s);
    const rate = quantity(c.flop_per_s, "FLOP/s", 3);
    const texts = narrow ? [`${c.dtypes} ${rate}`, c.dtypes] : [`${ceilingText(c)} ${rate}`, c.dtypes];
    for (const text of texts) {
      const places = [0, 90, 180, 270].flatMap((shift) => [
        {x: right - shift, y: at - 4, anchor: "end"}, {x: right - shift, y: at + 13, anchor: "end"}]);
      if (labels.put(text, "of-ceiling", places)) break;
    }
  }
  for (const ridge of ridges(model)) {
    if (!ridge.slope.home || ridge.x > x.most) continue;
    const px = x.at(ridge.x), py = y.at(ridge.y);
    labels.put(`ridge ${quantity(ridge.x, "FLOP/B", 3)}`, "of-ridge", [
      {x: px, y: py - 8, anchor: "middle"}, {x: px + 8, y: py + 16}, {x: px + 8, y: py + 30},
      {x: px - 8, y: py - 8, anchor: "end"}, {x: px + 8, y: py + 46}]);
  }
  const angle = (Math.atan2(y.at(10) - y.at(1), x.at(10) - x.at(1)) * 180) / Math.PI;
  for (const s of model.slopes) {
    const text = `${s.memory} ${quantity(s.bytes_per_s, "B/s", 3)}`;
    const places = [];
    for (let part = 0.04; part < 0.8; part += 0.06) {
      const at = x.least * (x.most / x.least) ** part;
      const py = y.at(at * s.bytes_per_s);
      if (py > y.at(y.least) - 8 || py < y.at(y.most)) continue;
      places.push({x: x.at(at), y: py - 5});
      places.push({x: x.at(at) + 4, y: py + 14});
    }
    labels.put(text, `of-slope level-${s.level}`, places, angle);
  }
}

/** Large ones first, so that small ones lie on top. */
function drawMarks(frame, points) {
  const {x, y, root, labels} = frame;
  const links = svg("g", {class: "links", "aria-hidden": "true"});
  const group = svg("g", {role: "group", "aria-label": "Kernels; arrow keys go from one to the next"});
  root.append(links, group);
  const sorted = [...points].sort((a, b) => b.r - a.r);
  for (const p of sorted) {
    const px = x.at(clamp(p.x, x.least, x.most)), py = y.at(clamp(p.y, y.least, y.most));
    if (p.from) {
      links.append(svg("line", {class: "link", x1: x.at(p.from.x), y1: y.at(p.from.y), x2: px, y2: py}),
        svg("circle", {class: "was", cx: x.at(p.from.x), cy: y.at(p.from.y), r: 2.5}));
    }
    p.node = svg("g", {class: `mark level-${p.level} ${p.hollow ? "hollow" : ""} ${p.chosen ? "chosen" : ""}`,
      transform: `translate(${px} ${py})`, role: "button", "aria-label": p.text,
      "data-kernel": p.kernel, "data-level": p.level},
    svg("circle", {class: "hit", r: Math.max(12, p.r + 4)}),
    svg("path", {d: shape(p.shape, p.r)}));
    group.append(p.node);
    labels.take(px - p.r * 1.2, py - p.r * 1.2, 2.4 * p.r, 2.4 * p.r);
    p.px = px;
    p.py = py;
  }
  return sorted;
}

function labelMarks(frame, marks) {
  for (const p of marks) {
    if (!p.label) continue;
    const r = p.r * 1.2 + 4;
    p.labelNode = frame.labels.put(p.label, `of-mark level-${p.level}`, [
      {x: p.px + r, y: p.py + 4}, {x: p.px - r, y: p.py + 4, anchor: "end"},
      {x: p.px, y: p.py + r + 10, anchor: "middle"}, {x: p.px, y: p.py - r, anchor: "middle"},
      {x: p.px + r, y: p.py + 20}, {x: p.px - r, y: p.py + 20, anchor: "end"}]);
  }
}
