// SPDX-License-Identifier: MIT
// The grid of work-groups as a picture: flat, or as boxes that can be turned.

/** A canvas that is as sharp as the screen. */
function sharpCanvas(canvas, width, height) {
  const scale = Math.min(2, devicePixelRatio || 1);
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = canvas.getContext("2d");
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

const WAITING = 0, RUNNING = 1, DONE = 2;

/** Colours of states; what is done shows its wave by turns. */
function stateColours() {
  return {waiting: colour("--faint"), line: colour("--line"), running: colour("--c1"),
    done: [colour("--c0"), colour("--c5")], ink: colour("--ink"), soft: colour("--soft")};
}

function stateColour(colours, state, wave) {
  return state === WAITING ? colours.waiting : state === RUNNING ? colours.running
    : colours.done[wave % 2];
}

/** Axes with more than one value; the picture has as many ways to go. */
function wideAxes(k) {
  const wide = k.axes.map((axis, index) => ({...axis, index})).filter((axis) => axis.extent > 1);
  return wide.length > 0 ? wide : [{...(k.axes[0] ?? {name: "i", extent: 1}), index: 0}];
}

/**
 * Where each coordinate lies in the flat picture. Two axes are a panel, more axes
 * several of them; a panel that is far wider than high is cut into bands.
 */
function flatLayout(k, width) {
  const axes = wideAxes(k);
  const upright = axes.length === 2 && axes[1].extent > axes[0].extent;
  const [a, b, ...rest] = upright ? axes.reverse() : axes;
  const across = a.extent, down = b?.extent ?? 1;
  const panels = rest.reduce((n, axis) => n * axis.extent, 1);
  const gap = b ? 1 : 0;
  let bands = 1;
  while (panels === 1 && bands < across && across / bands > 2.2 * bands * (down + gap)) bands++;
  const inBand = Math.ceil(across / bands);
  const columns = panels === 1 ? 1 : Math.max(1, Math.round(Math.sqrt((panels * 1.8 * (down + 1)) / (across + 1))));
  const cells = panels === 1 ? inBand : columns * (across + 1) - 1;
  const rows = panels === 1 ? bands * (down + gap) - gap
    : Math.ceil(panels / columns) * (down + 1) - 1;
  const size = Math.min(22, width / cells, 440 / rows);
  const place = (x) => {
    let panel = 0;
    for (const axis of rest) panel = panel * axis.extent + x[axis.index];
    const u = x[a.index], v = b ? x[b.index] : 0;
    return panels === 1
      ? {u: u % inBand, v: Math.floor(u / inBand) * (down + gap) + v}
      : {u: (panel % columns) * (across + 1) + u, v: Math.floor(panel / columns) * (down + 1) + v};
  };
  return {a, b, rest, bands, panels, size, place, width: cells * size, height: rows * size};
}

function layoutText(layout) {
  const {a, b, rest, bands, panels} = layout;
  const parts = [`${a.name} to the right`];
  if (b) parts.push(`${b.name} down`);
  if (panels > 1) parts.push(`a panel for each ${rest.map((r) => r.name).join(" and ")}`);
  if (bands > 1) parts.push(`cut into ${bands} bands`);
  return parts.join(", ");
}

/** @param states of each item, by order */
function drawFlat(canvas, k, layout, states, cursor) {
  const walk = walkOf(k), colours = stateColours(), slots = slotsOf(k);
  const context = sharpCanvas(canvas, layout.width, Math.max(layout.height, 1));
  const size = layout.size, inner = size > 4 ? size - 1 : size;
  for (let i = 0; i < walk.length; i++) {
    const {u, v} = layout.place(walk[i]);
    context.fillStyle = stateColour(colours, states[i], Math.floor(i / slots));
    context.fillRect(u * size, v * size, inner, inner);
  }
  if (cursor >= 0) {
    const {u, v} = layout.place(walk[cursor]);
    context.strokeStyle = colours.ink;
    context.lineWidth = 2;
    context.strokeRect(u * size - 1, v * size - 1, inner + 2, inner + 2);
  }
}

/* --- boxes ------------------------------------------------------------------------ */

const MOST_BOXES = 4000;

/** Boxes of one item each, or of several where there are too many: {x, y, z, item}. */
function boxesOf(k) {
  const walk = walkOf(k), slots = slotsOf(k);
  const [a, b, c] = wideAxes(k);
  const waves = Math.ceil(walk.length / slots);
  const heights = c ? c.extent : waves;
  const join = Math.max(1, Math.ceil(Math.cbrt(walk.length / MOST_BOXES)));
  const seen = new Map();
  for (let i = 0; i < walk.length; i++) {
    const x = walk[i];
    const z = c ? x[c.index] : Math.floor(i / slots);
    const box = {x: Math.floor(x[a.index] / join), y: b ? Math.floor(x[b.index] / join) : 0,
      z: Math.floor(z / (c || heights > 40 ? join : 1)), item: i};
    const key = `${box.x} ${box.y} ${box.z}`;
    if (!seen.has(key)) seen.set(key, box);
  }
  const boxes = squeeze([...seen.values()], b);
  const most = (key) => Math.max(...boxes.map((box) => box[key])) + 1;
  return {boxes, join, a, b, c, size: [most("x"), most("y"), most("z")]};
}

/** A row of boxes is folded, as nothing could be seen of it else. */
function squeeze(boxes, b) {
  if (b || boxes.length < 40) return boxes;
  const side = Math.ceil(Math.sqrt(Math.max(...boxes.map((box) => box.x)) + 1));
  return boxes.map((box) => ({...box, x: box.x % side, y: Math.floor(box.x / side)}));
}

/** The three sides of a box that are seen, far boxes first. */
function drawBoxes(canvas, width, k, solid, turn, states) {
  const height = Math.round(clamp(width * 0.7, 240, 460));
  const context = sharpCanvas(canvas, width, height);
  const colours = stateColours(), slots = slotsOf(k);
  const angle = (turn * Math.PI) / 180, lift = 0.5;
  const [nx, ny, nz] = solid.size;
  const flat = (x, y) => {
    const u = x - nx / 2, v = y - ny / 2;
    return [u * Math.cos(angle) - v * Math.sin(angle), u * Math.sin(angle) + v * Math.cos(angle)];
  };
  const reach = Math.hypot(nx, ny);
  const rise = solid.c ? 1 : Math.max(0.15, Math.min(1, reach / (2.5 * nz)));
  const unit = Math.min(width / (reach + 1), height / (reach * lift + nz * rise + 1));
  const at = (x, y, z) => {
    const [u, v] = flat(x, y);
    return [width / 2 + u * unit, height / 2 + (v * lift - (z - nz / 2) * rise) * unit];
  };
  const depth = (box) => flat(box.x + 0.5, box.y + 0.5)[1] + box.z * 1e-3;
  const sorted = solid.boxes.map((box) => ({box, d: depth(box)})).sort((p, q) => p.d - q.d);
  for (const {box} of sorted) {
    const fillColour = stateColour(colours, states[box.item], Math.floor(box.item / slots));
    drawBox(context, box, at, fillColour, unit > 4 ? colours.line : null, angle);
  }
}

function drawBox(context, {x, y, z}, at, fillColour, line, angle) {
  const sides = visibleSides(x, y, z, angle);
  for (const [corners, shade] of sides) {
    context.beginPath();
    for (const [i, corner] of corners.entries()) {
      const [px, py] = at(...corner);
      if (i === 0) context.moveTo(px, py);
      else context.lineTo(px, py);
    }
    context.closePath();
    context.fillStyle = fillColour;
    context.fill();
    context.fillStyle = `rgb(0 0 0 / ${shade})`;
    context.fill();
    if (line) {
      context.strokeStyle = line;
      context.lineWidth = 0.5;
      context.stroke();
    }
  }
}

function visibleSides(x, y, z, angle) {
  const X = x + 0.92, Y = y + 0.92, Z = z + 0.92;
  const sides = [[[[x, y, Z], [X, y, Z], [X, Y, Z], [x, Y, Z]], 0]];
  const right = Math.sin(angle) > 0 ? X : x, front = Math.cos(angle) > 0 ? Y : y;
  sides.unshift([[[right, y, z], [right, Y, z], [right, Y, Z], [right, y, Z]], 0.3]);
  sides.unshift([[[x, front, z], [X, front, z], [X, front, Z], [x, front, Z]], 0.15]);
  return sides;
}
