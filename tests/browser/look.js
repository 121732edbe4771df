// SPDX-License-Identifier: MIT
// How pages look: every report, wide and narrow, light and dark.
"use strict";

const {check, equal, test} = require("./tap");
const {REPORTS, open, picture} = require("./pages");

/** Labels of charts that meet each other, or leave their chart. */
function badLabels() {
  const bad = [];
  for (const plot of document.querySelectorAll("svg.plot")) {
    const frame = plot.getBoundingClientRect();
    const labels = [...plot.querySelectorAll("text")].map((node) => ({node, box: node.getBoundingClientRect()}))
      .filter(({box}) => box.width > 0);
    for (const [i, a] of labels.entries()) {
      const outside = a.box.left < frame.left - 1 || a.box.right > frame.right + 1 ||
        a.box.top < frame.top - 1 || a.box.bottom > frame.bottom + 1;
      if (outside) bad.push(`'${a.node.textContent}' leaves ${plot.getAttribute("aria-label")}`);
      for (const b of labels.slice(i + 1)) {
        const apart = a.box.right <= b.box.left || b.box.right <= a.box.left ||
          a.box.bottom <= b.box.top || b.box.bottom <= a.box.top;
        if (!apart) bad.push(`'${a.node.textContent}' meets '${b.node.textContent}'`);
      }
    }
  }
  return bad;
}

/** Parts of the page that are wider than it, but for those that scroll. */
function tooWide() {
  const most = document.documentElement.clientWidth;
  const ret = document.documentElement.scrollWidth > most ? [`the page is ${document.documentElement.scrollWidth} wide`] : [];
  for (const node of document.querySelectorAll("main *")) {
    if (node.closest(".scrolling, svg")) continue;
    if (node.getBoundingClientRect().right > most + 1) ret.push(`${node.tagName} ${node.className} ${node.id}`);
  }
  return ret;
}

/** Rules that hold for any page of HTML. */
function poorlyMade() {
  const bad = [];
  const ids = new Set();
  for (const node of document.querySelectorAll("[id]")) {
    if (ids.has(node.id)) bad.push(`two elements are '${node.id}'`);
    ids.add(node.id);
  }
  for (const link of document.querySelectorAll("a[href^='#']")) {
    if (!document.getElementById(link.hash.slice(1))) bad.push(`${link.hash} leads nowhere`);
  }
  for (const input of document.querySelectorAll("input, select")) {
    if (input.labels.length === 0 && !input.getAttribute("aria-label")) bad.push(`${input.id} has no label`);
  }
  for (const node of document.querySelectorAll("svg.plot, canvas, [role=img], [role=region]")) {
    if (!node.getAttribute("aria-label")) bad.push(`${node.tagName} ${node.id} has no text`);
  }
  for (const node of document.querySelectorAll("th:empty, button:empty, h2:empty, h3:empty, summary:empty")) {
    if (node.tagName !== "TH" || node.textContent !== "") bad.push(`${node.tagName} is empty`);
  }
  for (const picture of document.querySelectorAll("img, iframe, object, embed, link")) bad.push(picture.outerHTML);
  return bad;
}

/** Contrast of text with what lies behind it (WCAG 2.2, 1.4.3): 4.5 to 1 at least. */
function poorContrast() {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const rgb = (text) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = text;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ground = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const found = rgb(getComputedStyle(at).backgroundColor);
      if (found[3] === 255) return found;
    }
    return [255, 255, 255];
  };
  const bad = new Set();
  for (const node of document.querySelectorAll("main *, nav *")) {
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
    if (!own || node.closest("[hidden], .offscreen") || node.getClientRects().length === 0) continue;
    const style = getComputedStyle(node);
    const ink = rgb(node.closest("svg") ? style.fill : style.color);
    const a = light(ink), b = light(ground(node));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) bad.add(`${node.tagName}.${node.getAttribute("class")}: ${ratio.toFixed(2)}`);
  }
  return [...bad];
}

for (const name of Object.keys(REPORTS)) {
  for (const width of [1200, 380]) {
    for (const scheme of ["light", "dark"]) {
      test(`${name}, ${width} wide, ${scheme}`, async () => {
        const {page, faults, close} = await open(name, {width, scheme});
        try {
          await page.screenshot({path: picture(`${name}-${width}-${scheme}`), fullPage: true});
          equal((await page.evaluate(badLabels)).join("\n"), "", "labels");
          equal((await page.evaluate(tooWide)).join("\n"), "", "too wide");
          equal((await page.evaluate(poorlyMade)).join("\n"), "", "badly made");
          equal((await page.evaluate(poorContrast)).join("\n"), "", "contrast");
          equal(faults.join("\n"), "", "faults");
          check(await page.locator("#roofline-chart .mark").count() > 0, "no kernel is drawn");
        } finally {
          await close();
        }
      });
    }
  }
}
