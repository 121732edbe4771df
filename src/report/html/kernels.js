// SPDX-License-Identifier: MIT
// The table of kernels: sorted by any column.

const COLUMNS = [
  {key: "name", head: "kernel", get: (k) => k.name, show: (k) => k.name},
  {key: "ops", head: "op", get: (k) => k.where, show: (k) => k.where},
  {key: "runs", head: "runs", get: (k) => k.runs, show: (k) => plain(k.runs)},
  {key: "time", head: "time each", get: (k) => k.time_s, show: (k) => quantity(k.time_s, "s")},
  {key: "share", head: "of the time", title: "share of the time", get: (k) => k.share, show: (k) => percent(k.share)},
  {key: "bound", head: "at least", get: (k) => k.bound_s, show: (k) => quantity(k.bound_s, "s")},
  {key: "by", head: "bound by", get: (k) => k.bound_by, show: (k) => k.bound_by},
  {key: "flop", head: "work", get: (k) => k.flop, show: (k) => quantity(k.flop, "FLOP")},
  {key: "bytes", head: "moved", get: (k) => k.home_bytes, show: (k) => quantity(k.home_bytes, "B")},
  {key: "intensity", head: "intensity", get: (k) => ratio(k.flop, k.home_bytes),
    show: (k) => quantity(ratio(k.flop, k.home_bytes), "FLOP/B")},
  {key: "rate", head: "rate", get: (k) => ratio(k.flop, k.time_s),
    show: (k) => quantity(ratio(k.flop, k.time_s), "FLOP/s")},
  {key: "energy", head: "energy each", get: (k) => k.energy_j, show: (k) => quantity(k.energy_j, "J")},
  {key: "groups", head: "work-groups", get: (k) => k.groups, show: (k) => plain(k.groups)},
  {key: "waves", head: "waves", get: (k) => k.waves, show: (k) => plain(Number(k.waves.toPrecision(4)))},
  {key: "mapping", head: "mapping", get: (k) => k.mapping, show: (k) => k.mapping},
];

function ratio(a, b) {
  return a > 0 && b > 0 ? a / b : null;
}

const sorted = {key: "share", down: true};

/** What is not known stands last, whichever way. */
function compareBy(column, down) {
  return (a, b) => {
    const x = column.get(a), y = column.get(b);
    if (x === null || y === null) return (x === null) - (y === null);
    const order = typeof x === "string" ? x.localeCompare(y, "en") : x - y;
    return (down ? -order : order) || a.index - b.index;
  };
}

function drawKernels() {
  const list = run().kernels;
  const columns = COLUMNS.filter((c) => list.some((k) => c.get(k) !== null && c.get(k) !== ""));
  const isNumber = (c) => list.some((k) => typeof c.get(k) === "number");
  const by = columns.find((c) => c.key === sorted.key) ?? columns[0];
  const head = columns.map((c) => el("th", {scope: "col", class: isNumber(c) ? "number" : null,
    "aria-sort": c === by ? (sorted.down ? "descending" : "ascending") : null},
  el("button", {type: "button", "data-column": c.key, onclick: () => sortBy(c, isNumber(c))}, c.head)));
  const rows = [...list].sort(compareBy(by, sorted.down)).map((k) => el("tr", {},
    columns.map((c, i) => (i === 0
      ? el("th", {scope: "row"}, el("button", {type: "button", class: "name", "data-kernel": k.index,
        "aria-pressed": String(k.index === state.kernel), onclick: () => chooseKernel(k.index)}, c.show(k)))
      : el("td", {class: isNumber(c) ? "number" : null}, c.show(k))))));
  renew(byId("kernels-table"), scrolling("Kernels", el("table", {class: "sortable"},
    el("caption", {}, `${list.length === 1 ? "1 kernel" : `${list.length} different kernels`}, sorted by ${by.title ?? by.head}`),
    el("thead", {}, el("tr", {}, head)), el("tbody", {}, rows))));
}

/** The first press shows the largest numbers, or the alphabet. */
function sortBy(column, isNumber) {
  sorted.down = sorted.key === column.key ? !sorted.down : isNumber;
  sorted.key = column.key;
  drawKernels();
  document.querySelector(`#kernels-table [data-column="${column.key}"]`).focus();
}

function startKernels() {
  onChange("run", drawKernels);
}
