// SPDX-License-Identifier: MIT
// Dark and light: as the system says, until the switch is used.

function startTheme() {
  const button = byId("theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const root = document.documentElement;
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  const show = () => (button.textContent = isDark() ? "Light" : "Dark");
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    show();
    redrawCanvases();
  });
  system.addEventListener("change", () => {
    show();
    redrawCanvases();
  });
  show();
}

const canvases = [];

/** Colours of a canvas do not follow the style by themselves. */
function redrawCanvases() {
  for (const draw of canvases) draw();
}

/** A colour of the style, for a canvas. */
function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Printing shows all that is folded; the screen gets it back as it was. */
function startPrinting() {
  const opened = [], root = document.documentElement;
  let theme;
  byId("print").addEventListener("click", () => print());
  addEventListener("beforeprint", () => {
    for (const one of document.querySelectorAll("main details:not([open])")) {
      one.open = true;
      opened.push(one);
    }
    // Paper is white.
    theme = root.dataset.theme;
    root.dataset.theme = "light";
    redrawCharts(680);
    redrawCanvases();
  });
  addEventListener("afterprint", () => {
    for (const one of opened.splice(0)) one.open = false;
    if (theme === undefined) delete root.dataset.theme;
    else root.dataset.theme = theme;
    redrawCharts();
    redrawCanvases();
  });
}

const charts = [];

/** A chart is drawn for the width that it has: anew where that changes. */
function onWidth(place, draw) {
  let last = 0;
  const again = (width = place.clientWidth) => {
    if (width > 0) draw(width);
    last = width;
  };
  charts.push(again);
  new ResizeObserver(() => {
    if (Math.abs(place.clientWidth - last) > 1) again();
  }).observe(place);
  return again;
}

function redrawCharts(width) {
  for (const again of charts) again(width);
}
