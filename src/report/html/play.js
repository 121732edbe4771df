// SPDX-License-Identifier: MIT
// A slider of time plays the work-groups of a kernel onto the compute units.

const stage = {solid: false, turn: 30, part: 0.4, cursor: -1, playing: 0};

/** The time at a part of the slider: stretches that are known, one after the other. */
function timeAt(play, part) {
  const length = play.segments.reduce((sum, [from, to]) => sum + to - from, 0);
  let left = part * length;
  for (const [from, to] of play.segments) {
    if (left <= to - from) return from + left;
    left -= to - from;
  }
  return play.segments.at(-1)[1];
}

/** The state of each item at a time, and what is in each slot. */
function statesAt(play, time) {
  const states = new Uint8Array(play.n);
  const slots = new Int32Array(play.slots).fill(-1);
  let running = 0, done = 0;
  for (let i = 0; i < play.n; i++) {
    if (time >= play.end(i) && (time > play.start(i) || play.end(i) === play.start(i))) {
      states[i] = DONE;
      done++;
    } else if (time >= play.start(i)) {
      states[i] = RUNNING;
      running++;
      if (play.slot(i) >= 0 && play.slot(i) < play.slots) slots[play.slot(i)] = i;
    }
  }
  return {states, slots, running, done, waiting: play.n - running - done};
}

/** Units as boxes, each with its places; a place shows the work-group that it has. */
function drawUnits(canvas, width, k, slots) {
  const places = Math.max(1, Math.round(k.resident / k.bundle));
  const columns = Math.min(k.total_units, Math.max(1, Math.floor(width / 40), Math.ceil(Math.sqrt(k.total_units * 1.6))));
  const size = Math.min(54, width / columns);
  const rows = Math.ceil(k.total_units / columns);
  const context = sharpCanvas(canvas, columns * size, rows * size);
  const colours = stateColours();
  const across = Math.ceil(Math.sqrt(places)), down = Math.ceil(places / across);
  const inner = size - 3;
  for (let unit = 0; unit < k.total_units; unit++) {
    const x = (unit % columns) * size + 1, y = Math.floor(unit / columns) * size + 1;
    context.strokeStyle = unit < k.units ? colours.soft : colours.line;
    context.lineWidth = 1;
    context.strokeRect(x + 0.5, y + 0.5, inner, inner);
    for (let place = 0; place < places && unit < k.units; place++) {
      const item = slots[unit + place * k.units];
      const w = (inner - 2) / across, h = (inner - 2) / down;
      const px = x + 1.5 + (place % across) * w, py = y + 1.5 + Math.floor(place / across) * h;
      context.fillStyle = item >= 0 ? colours.running : colours.waiting;
      context.fillRect(px, py, Math.max(1, w - 1), Math.max(1, h - 1));
      if (item < 0 || w < 26) continue;
      context.fillStyle = colour("--panel");
      context.font = "11px system-ui, sans-serif";
      context.textAlign = "center";
      context.textBaseline = "middle";
      context.fillText(String(item), px + w / 2, py + h / 2, w - 2);
    }
  }
}

/** Work-groups against time, a row a unit. */
function drawLanes(canvas, width, k, play, time) {
  const places = Math.max(1, Math.round(k.resident / k.bundle));
  /* Whole pixels, else stripes appear that mean nothing. */
  const lanes = k.units * places <= 300 ? places : 1;
  const pixels = clamp(Math.floor(240 / (k.units * lanes)), 1, 24);
  const height = k.units * lanes * pixels, left = 4;
  const context = sharpCanvas(canvas, width, height);
  const colours = stateColours();
  const length = play.segments.reduce((sum, [from, to]) => sum + to - from, 0);
  const toX = (t) => {
    let before = 0;
    for (const [from, to] of play.segments) {
      if (t <= to) return left + ((before + Math.max(0, t - from)) / length) * (width - 2 * left);
      before += to - from;
    }
    return width - left;
  };
  for (let i = 0; i < play.n; i++) {
    if (!play.known(i) || play.slot(i) < 0) continue;
    const unit = play.slot(i) % k.units, place = Math.floor(play.slot(i) / k.units);
    const from = toX(play.start(i)), to = toX(play.end(i));
    const state = time >= play.end(i) ? DONE : time >= play.start(i) ? RUNNING : WAITING;
    context.fillStyle = stateColour(colours, state, Math.floor(i / play.slots));
    if (state === WAITING) context.fillStyle = colours.line;
    const lane = unit * lanes + (lanes > 1 ? place : 0);
    context.fillRect(from, lane * pixels, Math.max(0.5, to - from - 0.6), pixels - (pixels > 3 ? 1 : 0));
  }
  context.fillStyle = colours.ink;
  context.fillRect(toX(time) - 1, 0, 2, height);
  if (play.gap) {
    context.setLineDash([4, 4]);
    context.strokeStyle = colours.soft;
    context.strokeRect(toX(play.gap[0]), -2, 0, height + 4);
    context.setLineDash([]);
  }
}

/* --- the stage -------------------------------------------------------------------- */

function gridSentence(k) {
  const n = gridItems(k), slots = slotsOf(k), full = Math.floor(n / slots), last = n - full * slots;
  const axes = wideAxes(k).map((axis) => `${axis.name} ${plain(axis.extent)}`).join(" × ");
  const limit = k.resident_by ? ` (limited by ${k.resident_by.replace("_", " ")})` : "";
  const what = k.bundle > 1 ? `bundles of ${k.bundle} work-groups` : "work-groups";
  const waves = full === 0 ? `Less than one wave: ${plain(n)} of ${plain(slots)} places are taken.`
    : last === 0 ? `That is ${plain(full)} full ${full === 1 ? "wave" : "waves"}.`
      : `That is ${plain(full)} full ${full === 1 ? "wave" : "waves"}, and a last one with ${plain(last)} (${percent(last / slots)} of the places).`;
  return `The grid ${axes} is ${n === 1 ? "one work-group" : `${plain(n)} ${what}`}, taken in the order: ${walkText(k)}. ` +
    `${plain(k.units)} of ${plain(k.total_units)} units (${k.unit_name}) run ${plain(k.resident)} each at once${limit}. ${waves}`;
}

function playSentence(k, play) {
  if (!play.exact) {
    return "The times are those of ideal waves, as if all work-groups took equally long: the event engine has not recorded this kernel.";
  }
  const gap = play.gap ? ` Between ${quantity(play.gap[0], "s")} and ${quantity(play.gap[1], "s")} it goes on alike, which is left out.` : "";
  return `The times are those of the event engine.${gap}`;
}

function startPlay() {
  const body = byId("grid-body");
  const draw = () => {
    stop();
    stage.cursor = -1;
    buildStage(body, kernel());
  };
  onChange("kernel", draw);
  canvases.push(() => stage.draw?.());
}

function stop() {
  cancelAnimationFrame(stage.playing);
  stage.playing = 0;
  if (stage.button) stage.button.textContent = "Play";
}

function buildStage(body, k) {
  renew(body, el("p", {}, gridSentence(k)));
  stage.draw = null;
  if (!walkOf(k)) {
    body.append(el("p", {class: "hint"}, "That are too many to be drawn."));
    return;
  }
  const play = playOf(k);
  const parts = stageParts(k, play);
  body.append(el("p", {class: "doc"}, playSentence(k, play)), parts.controls, parts.status,
    el("div", {class: "stage"},
      el("figure", {}, el("figcaption", {}, "Compute units"), parts.units),
      el("figure", {}, el("figcaption", {}, parts.caption), parts.grid, parts.turning, parts.cursor)),
    el("figure", {class: "lanes"}, el("figcaption", {}, "Units against time, a row each"), parts.lanes), stateKey());
  stage.draw = () => drawStage(k, play, parts);
  onWidthOf(body, () => stage.draw());
  stage.draw();
}

let stageObserver = null;

/** One observer, for whatever stage there is. */
function onWidthOf(place, draw) {
  stageObserver?.disconnect();
  let last = place.clientWidth;
  stageObserver = new ResizeObserver(() => {
    if (Math.abs(place.clientWidth - last) < 2) return;
    last = place.clientWidth;
    draw();
  });
  stageObserver.observe(place);
}

function stateKey() {
  return el("ul", {class: "key"},
    [["waiting", "waiting"], ["running", "running"], ["done", "done, wave by wave"]].map(([name, text]) =>
      el("li", {}, el("span", {class: `swatch state-${name}`}), text)));
}

function stageParts(k, play) {
  const slider = el("input", {type: "range", id: "play-time", min: 0, max: 1000, step: 1,
    "aria-label": "Time"});
  slider.value = String(Math.round(stage.part * 1000));
  const button = el("button", {type: "button", id: "play"}, "Play");
  stage.button = button;
  const parts = {slider, button, units: canvasOf("units", "Compute units and what they run"),
    grid: canvasOf("blocks", "Grid of work-groups; arrow keys go from one to the next"),
    lanes: canvasOf("lanes-canvas", "Work-groups against time"), caption: el("span", {}),
    status: el("p", {class: "status", id: "play-status", "aria-live": "polite"}),
    cursor: el("p", {class: "doc", id: "block-status", "aria-live": "polite"})};
  parts.grid.tabIndex = 0;
  parts.turning = turning();
  parts.controls = el("div", {class: "controls"}, button, slider, dimensions());
  slider.addEventListener("input", () => {
    stop();
    stage.part = Number(slider.value) / 1000;
    stage.draw();
  });
  button.addEventListener("click", () => {
    if (stage.playing) stop();
    else start(parts);
  });
  parts.grid.addEventListener("keydown", (event) => moveCursor(event, play));
  parts.grid.addEventListener("pointermove", (event) => pointCursor(event, k, parts));
  return parts;
}

function canvasOf(id, label) {
  return el("canvas", {id, role: "img", "aria-label": label});
}

function dimensions() {
  return el("fieldset", {class: "dimensions"}, el("legend", {}, "Grid"), [["2D", false], ["3D", true]].map(([text, solid]) => {
    const radio = el("input", {type: "radio", name: "dimensions", value: text});
    radio.checked = stage.solid === solid;
    radio.addEventListener("change", () => {
      stage.solid = solid;
      stage.draw();
    });
    return el("label", {class: "switch"}, radio, text);
  }));
}

function turning() {
  const slider = el("input", {type: "range", id: "turn", min: 0, max: 360, step: 5, "aria-label": "Turn the grid"});
  slider.value = String(stage.turn);
  slider.addEventListener("input", () => {
    stage.turn = Number(slider.value);
    stage.draw();
  });
  return el("label", {class: "turning"}, "Turn ", slider);
}

const PLAY_MS = 9000;

function start(parts) {
  if (stage.part >= 1) stage.part = 0;
  let last = null;
  stage.button.textContent = "Stop";
  const frame = (now) => {
    if (last !== null) stage.part = Math.min(1, stage.part + (now - last) / PLAY_MS);
    last = now;
    parts.slider.value = String(Math.round(stage.part * 1000));
    stage.draw();
    if (stage.part < 1) stage.playing = requestAnimationFrame(frame);
    else stop();
  };
  stage.playing = requestAnimationFrame(frame);
}

function drawStage(k, play, parts) {
  const time = timeAt(play, stage.part);
  const at = statesAt(play, time);
  const half = parts.units.parentElement.clientWidth;
  drawUnits(parts.units, half, k, at.slots);
  parts.turning.hidden = !stage.solid;
  if (stage.solid) {
    const solid = (parts.boxes ??= boxesOf(k));
    drawBoxes(parts.grid, parts.grid.parentElement.clientWidth, k, solid, stage.turn, at.states);
    parts.caption.textContent = solidText(solid);
  } else {
    parts.layout = flatLayout(k, parts.grid.parentElement.clientWidth);
    drawFlat(parts.grid, k, parts.layout, at.states, stage.cursor);
    parts.caption.textContent = `Grid: ${layoutText(parts.layout)}`;
  }
  drawLanes(parts.lanes, parts.lanes.parentElement.clientWidth, k, play, time);
  const status = `${quantity(time, "s")} of ${quantity(play.time_s, "s")}: ${plain(at.done)} done, ` +
    `${plain(at.running)} running, ${plain(at.waiting)} waiting`;
  parts.status.textContent = status;
  parts.slider.setAttribute("aria-valuetext", status);
  parts.cursor.textContent = stage.cursor < 0 || stage.solid ? "" : cursorText(k, play);
}

function solidText(solid) {
  const {a, b, c, join} = solid;
  const height = c ? c.name : "the wave";
  const each = join > 1 ? `; each box is up to ${join} along each way` : "";
  return `Grid: ${a.name}${b ? ` and ${b.name}` : ", folded,"} on the ground, height is ${height}${each}`;
}

function cursorText(k, play) {
  const i = stage.cursor, x = walkOf(k)[i];
  const axes = wideAxes(k).map((axis) => `${axis.name} ${x[axis.index]}`).join(", ");
  const slot = play.slot(i);
  const where = slot < 0 ? "" : `, on unit ${slot % k.units}`;
  const when = play.known(i) ? `, from ${quantity(play.start(i), "s")} to ${quantity(play.end(i), "s")}` : "";
  return `${axes}: the ${plain(i + 1)}th that is taken, wave ${Math.floor(i / play.slots) + 1}${where}${when}`;
}

function moveCursor(event, play) {
  const step = {ArrowRight: 1, ArrowLeft: -1, ArrowDown: 10, ArrowUp: -10}[event.key];
  if (step === undefined) return;
  event.preventDefault();
  if (stage.solid) stage.turn = (stage.turn + step + 360) % 360;
  else stage.cursor = clamp(stage.cursor + step, 0, play.n - 1);
  stage.draw();
}

/** Which work-group lies under the pointer. */
function pointCursor(event, k, parts) {
  if (stage.solid || !parts.layout) return;
  if (!parts.inverse || parts.inverse.layout !== parts.layout.size) {
    parts.inverse = {layout: parts.layout.size, map: new Map()};
    for (const [i, x] of walkOf(k).entries()) {
      const {u, v} = parts.layout.place(x);
      parts.inverse.map.set(`${u} ${v}`, i);
    }
  }
  const u = Math.floor(event.offsetX / parts.layout.size), v = Math.floor(event.offsetY / parts.layout.size);
  const found = parts.inverse.map.get(`${u} ${v}`) ?? -1;
  if (found === stage.cursor) return;
  stage.cursor = found;
  stage.draw();
}
