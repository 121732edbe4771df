// SPDX-License-Identifier: MIT
// Knobs: each position is a prediction that was made with the page. Marks move there.

const turned = {knob: null, step: null};

/** Positions of a knob from left to right; the one that holds is among them. */
function positions(knob) {
  const steps = knob.steps.map((s) => ({...s}));
  if (steps.some((s) => s.as_is)) return steps;
  const now = {label: "× 1", factor: 1, as_is: true};
  return [...steps, now].sort((a, b) => a.factor - b.factor);
}

function drawKnobs(one) {
  const place = renew(byId("whatif-knobs"));
  if (one.knobs.length === 0) place.append(el("p", {}, "Nothing can be turned here."));
  const sliders = [];
  for (const knob of one.knobs) {
    const list = positions(knob);
    const now = list.findIndex((s) => s.as_is);
    const id = `knob-${knob.name}`;
    const slider = el("input", {type: "range", id, min: 0, max: list.length - 1, step: 1,
      "aria-describedby": `${id}-doc`, "data-knob": knob.name});
    const output = el("output", {for: id});
    slider.value = String(now);
    const show = () => {
      const step = list[Number(slider.value)];
      output.textContent = step.as_is ? `${step.label} (as is)` : step.label;
      slider.setAttribute("aria-valuetext", output.textContent);
    };
    slider.addEventListener("input", () => {
      for (const other of sliders) {
        if (other.slider === slider) continue;
        other.slider.value = String(other.now);
        other.show();
      }
      show();
      turn(knob, list[Number(slider.value)]);
    });
    sliders.push({slider, now, show});
    show();
    place.append(el("div", {class: "knob"},
      el("label", {for: id}, knob.title), output, slider,
      el("p", {class: "doc", id: `${id}-doc`}, knob.doc)));
  }
  place.append(el("button", {type: "button", id: "whatif-reset", onclick: () => {
    for (const s of sliders) {
      s.slider.value = String(s.now);
      s.show();
    }
    turn(null, null);
  }}, "All as is"));
}

function turn(knob, step) {
  turned.knob = step && !step.as_is ? knob : null;
  turned.step = turned.knob ? step : null;
  drawTurned();
  drawResult();
}

/** [time_s, flop, bytes at each memory] of each kernel. */
function turnedPoints(one, step) {
  const all = unpack(step.points);
  const width = 2 + one.memories.length;
  return one.kernels.map((k, i) => {
    const [time_s, flop, ...bytes] = all.slice(i * width, (i + 1) * width);
    return {time_s, flop, bytes};
  });
}

function turnedRoofs(one, step) {
  const rates = unpack(step.slopes.bytes_per_s);
  const home = machine.slopes.find((s) => s.home)?.memory;
  const at = step.slopes.memories.indexOf(home);
  const ceilings = step.ceilings.map(([kind, operation, dtypes, flop_per_s]) =>
    ({kind, operation, dtypes, flop_per_s}));
  return {
    slopes: at < 0 ? [] : [{memory: home, bytes_per_s: rates[at], home: true,
      level: levelIndex(one, home)}],
    ceilings: ownCeilings(one, ceilings, step),
  };
}

/** Ceilings of the workload's data types; a precision of its own has its own. */
function ownCeilings(one, ceilings, step) {
  const dtype = step && turned.knob?.name === "precision" ? step.label : null;
  const own = ceilings.map((c) => ({...c, own: dtype
    ? c.dtypes.split(", ").includes(dtype) : isOwnCeiling(one, c)}));
  const list = own.filter((c) => c.own);
  return list.length > 0 ? list : own.slice(0, 1);
}

function whatifModel(one, step) {
  const level = one.memories.findIndex((m) => m.home);
  const base = {
    slopes: machine.slopes.filter((s) => s.home).map((s) => ({...s, level})),
    ceilings: ownCeilings(one, machine.ceilings, null),
  };
  const after = step?.points ? turnedPoints(one, step) : null;
  const points = [];
  for (const [rank, k] of byTime().entries()) {
    const p = level < 0 ? null : kernelPoint(one, k, level, rank < 3 ? k.label : "");
    if (!p) continue;
    const then = after?.[k.index];
    if (then && then.flop > 0 && then.bytes[level] > 0) {
      p.from = {x: p.x, y: p.y};
      p.x = then.flop / then.bytes[level];
      p.y = then.flop / then.time_s;
      p.rows = [["before", quantity(p.from.y, "FLOP/s")], ["then", quantity(p.y, "FLOP/s")],
        ["time before", quantity(k.time_s, "s")], ["time then", quantity(then.time_s, "s")],
        ["intensity", quantity(p.x, "FLOP/B")]];
      p.text = `${k.label}: ${p.rows.map((r) => r.join(" ")).join(", ")}`;
    }
    points.push(p);
  }
  const roofs = after ? turnedRoofs(one, step) : base;
  return {...roofs, before: after ? base : null, points,
    title: `Roofline, ${step ? `${turned.knob.title} ${step.label}` : "as it is"}`};
}

/** One frame for all positions: else the marks would stand still and the axes move. */
function whatifExtents(one) {
  const all = [whatifModel(one, null)];
  for (const knob of one.knobs) {
    for (const step of knob.steps) {
      if (step.points) all.push(withKnob(knob, () => whatifModel(one, step)));
    }
  }
  const fit = extents({slopes: all.flatMap((m) => m.slopes), ceilings: all.flatMap((m) => m.ceilings),
    points: all.flatMap((m) => m.points)});
  return {x: fit.x, y: fit.y};
}

function withKnob(knob, what) {
  const before = turned.knob;
  turned.knob = knob;
  const result = what();
  turned.knob = before;
  return result;
}

const METRICS_SHOWN = ["time_s", "flop_per_s", "flop_per_byte", "main_bytes", "energy_j", "power_w"];

/** A step's metrics under their keys. */
function stepMetrics(step) {
  const values = unpack(step.metrics);
  return Object.fromEntries(data.metrics.map((m, i) => [m.key, values[i]]));
}

function drawResult() {
  const one = run(), step = turned.step;
  const place = renew(byId("whatif-result"));
  if (!step) {
    place.append(el("p", {class: "hint"}, "Nothing is turned: the marks stand where they are."));
    return;
  }
  place.append(el("p", {}, el("strong", {}, `${turned.knob.title} ${step.label}`), ": ", step.why_not
    ? `this cannot be run: ${step.why_not}.`
    : sentence(one, step)));
  if (!step.why_not) place.append(resultTable(one, step));
  place.append(el("p", {class: "options"}, "To try it: ", el("code", {}, step.options), " ",
    copyButton("Copy", () => step.options)));
}

function sentence(one, step) {
  const ratio = one.metrics.time_s / stepMetrics(step).time_s;
  const binds = step.bound_by === one.bound_by ? `still bound by ${step.bound_by}`
    : `now bound by ${step.bound_by}, before by ${one.bound_by}`;
  if (Math.abs(ratio - 1) < 0.005) return `no faster; ${binds}.`;
  return ratio > 1 ? `${digits(ratio, 3)} times as fast; ${binds}.`
    : `${digits(1 / ratio, 3)} times as slow; ${binds}.`;
}

function resultTable(one, step) {
  const then = stepMetrics(step);
  const rows = data.metrics.filter((m) => METRICS_SHOWN.includes(m.key) && then[m.key] !== null)
    .map((m) => [m.heading, quantity(one.metrics[m.key], m.unit), quantity(then[m.key], m.unit),
      then[m.key] > 0 && one.metrics[m.key] > 0 ? `× ${digits(then[m.key] / one.metrics[m.key], 3)}` : "–"]);
  return plainTable("Before and then", [{head: ""}, {head: "as is", number: true},
    {head: step.label, number: true}, {head: "change", number: true}], rows);
}

function whatifTable(one) {
  const rows = one.knobs.flatMap((knob) => positions(knob).map((step) => {
    if (step.why_not) return [knob.title, step.label, "–", "–", "–", step.why_not];
    const m = step.metrics ? stepMetrics(step) : one.metrics;
    return [knob.title, step.label + (step.as_is ? " (as is)" : ""), quantity(m.time_s, "s"),
      quantity(m.flop_per_s, "FLOP/s"), quantity(m.energy_j, "J"),
      step.bound_by ?? one.bound_by];
  }));
  return plainTable("What if", [{head: "knob"}, {head: "step", tight: true}, {head: "time", number: true},
    {head: "rate", number: true}, {head: "energy", number: true}, {head: "bound by"}], rows);
}

let drawTurned = () => {};

function startWhatif() {
  const place = byId("whatif-chart");
  let fit = null;
  drawTurned = onWidth(place, (width) => {
    const one = run();
    fit ??= whatifExtents(one);
    const model = whatifModel(one, turned.step);
    const below = model.points.filter((p) => p.y < fit.y[0]);
    const drawn = drawRoofline(place, width, {...model, extents: {...fit, left: below}});
    wireMarks(one, drawn.marks, (p) => chooseKernel(p.kernel));
  });
  onChange("run", () => {
    fit = null;
    turned.knob = turned.step = null;
    drawKnobs(run());
    renew(byId("whatif-table"), whatifTable(run()));
    drawTurned();
    drawResult();
  });
}
