// SPDX-License-Identifier: MIT
// In which order a grid is taken, and when and where each work-group ran.

/** Beyond this a grid is told in words only. */
const MOST_ITEMS = 300000;

function gridItems(k) {
  return k.axes.reduce((n, axis) => n * axis.extent, 1);
}

/** Levels of a walk: {axis, span, down}, fastest first; span 0: the rest of its axis. */
function walkLevels(k) {
  return k.walk.map(([axis, span, down]) => ({axis, span, down: down === 1}));
}

/**
 * Coordinates of each item in the order in which items are taken. An axis may be cut in
 * two: an inner level of `span` values, an outer one that counts such stretches; the last
 * stretch may be shorter.
 */
function walkCoordinates(k) {
  const levels = walkLevels(k), n = gridItems(k);
  const ret = [];
  const x = k.axes.map(() => 0);
  const inner = (axis) => levels.find((l) => l.axis === axis && l.span > 0);
  const visit = (at) => {
    if (at < 0) {
      ret.push(x.slice());
      return;
    }
    const level = levels[at], axis = level.axis;
    const cut = inner(axis), extent = k.axes[axis].extent;
    const isInner = level.span > 0;
    const isCut = isInner && levels.some((l, i) => i > at && l.axis === axis);
    const base = isCut ? x[axis] : 0;
    const count = isInner ? Math.min(level.span, extent - base)
      : cut ? Math.ceil(extent / cut.span) : extent;
    const stride = !isInner && cut ? cut.span : 1;
    for (let i = 0; i < count; i++) {
      x[axis] = base + (level.down ? count - 1 - i : i) * stride;
      visit(at - 1);
    }
    x[axis] = base;
  };
  visit(levels.length - 1);
  return ret.length === n ? ret : null;
}

const walks = new Map();

/** The walk of a kernel, worked out once; null where the grid is too large. */
function walkOf(k) {
  if (!walks.has(k)) walks.set(k, gridItems(k) > MOST_ITEMS ? null : walkCoordinates(k));
  return walks.get(k);
}

/** How many items run at once, at most. */
function slotsOf(k) {
  return Math.max(1, Math.round(k.units * k.resident / k.bundle));
}

/** "m, 16 at a time; then n; then m" */
function walkText(k) {
  return walkLevels(k).filter((l) => k.axes[l.axis].extent > 1)
    .map((l) => `${k.axes[l.axis].name}${l.span > 0 ? `, ${l.span} at a time` : ""}${l.down ? ", from its end" : ""}`)
    .join("; then ") || "one after the other";
}

/**
 * When each item runs, and in which slot: as the event engine had it, else in ideal
 * waves. {start, end, slot}: by order; segments: stretches of time that are known.
 */
function playOf(k) {
  const n = gridItems(k);
  return k.play ? recordedPlay(k, n) : idealPlay(k, n);
}

function idealPlay(k, n) {
  const slots = slotsOf(k);
  const waves = Math.ceil(n / slots);
  const each = k.time_s / waves;
  const at = (i) => Math.floor(i / slots) * each;
  return {n, slots, exact: false, time_s: k.time_s, segments: [[0, k.time_s]], gap: null,
    start: at, end: (i) => at(i) + each, slot: (i) => i % slots, known: () => true};
}

const SIXTY_FOUR = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Numbers of a fixed width to the base of 64. */
function decode(text, width) {
  const ret = new Uint32Array(text.length / width);
  for (let i = 0; i < ret.length; i++) {
    for (let c = 0; c < width; c++) {
      ret[i] = ret[i] * 64 + SIXTY_FOUR.indexOf(text[i * width + c]);
    }
  }
  return ret;
}

/** The first of a grid and the last are recorded; between them it goes on alike. */
function recordedPlay(k, n) {
  const {first, ticks, time_s} = k.play;
  const start = decode(k.play.start, 3), end = decode(k.play.end, 3), slot = decode(k.play.slot, 3);
  const last = n - (start.length - first);
  const index = (i) => (i < first ? i : i >= last ? i - last + first : -1);
  const seconds = (tick) => (tick / ticks) * time_s;
  const whole = first === n;
  const gap = whole ? null : [seconds(start[first - 1]), seconds(start[first])];
  return {n, slots: slotsOf(k), exact: true, time_s, gap,
    segments: whole ? [[0, time_s]] : [[0, gap[0]], [gap[1], time_s]],
    start: (i) => (index(i) < 0 ? gap[0] : seconds(start[index(i)])),
    end: (i) => (index(i) < 0 ? gap[1] : seconds(end[index(i)])),
    slot: (i) => (index(i) < 0 ? -1 : slot[index(i)]),
    known: (i) => index(i) >= 0};
}
