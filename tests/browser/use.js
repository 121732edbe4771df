// SPDX-License-Identifier: MIT
// What pages do when they are used: by pointer, by keyboard, on paper.
"use strict";

const {check, equal, test} = require("./tap");
const {execFileSync} = require("node:child_process");
const fs = require("node:fs");
const {HOSTILE, REPORTS, open, perfsim, picture, report, settle} = require("./pages");

/** A case on one page, which must not complain meanwhile. */
function use(title, name, run, options) {
  test(title, async () => {
    const {page, faults, close} = await open(name, options);
    try {
      await run(page);
      equal(faults.join("\n"), "", "faults");
    } finally {
      await close();
    }
  });
}

const text = (page, selector) => page.locator(selector).first().innerText();
const tip = "#tooltip";

/** Moves a slider as a person does: the event comes with the value. */
async function slide(page, selector, value) {
  await page.locator(selector).evaluate((node, to) => {
    node.value = String(to);
    node.dispatchEvent(new Event("input", {bubbles: true}));
  }, value);
  await settle(page);
}

/* --- the roofline ----------------------------------------------------------------- */

// 2^26 additions of 2 x 4 B read and 4 B written: 1/12 FLOP/B, at 100 B/s 8.333 FLOP/s.
use("hovering a kernel shows its numbers", "toy", async (page) => {
  check(await page.locator(tip).isHidden(), "the tooltip is there before");
  await page.locator("#roofline-chart .mark").first().hover();
  const shown = await text(page, tip);
  for (const part of ["add", "dram", "0.08333 FLOP/B", "8.333 FLOP/s", "8.053e6 s", "100 %", "768 MiB"]) {
    check(shown.includes(part), `no '${part}' in:\n${shown}`);
  }
  await page.keyboard.press("Escape");
  check(await page.locator(tip).isHidden(), "Escape does not hide it");
});

use("the keyboard goes from kernel to kernel and chooses one", "resnet50", async (page) => {
  const marks = page.locator("#roofline-chart .mark");
  equal(await page.locator("#roofline-chart .mark[tabindex='0']").count(), 1, "stops of Tab");
  await page.locator("#roofline-chart .mark[tabindex='0']").focus();
  const first = await text(page, tip);
  await page.keyboard.press("ArrowRight");
  const second = await text(page, tip);
  check(first !== second, "the arrow key shows nothing else");
  await page.keyboard.press("End");
  await page.keyboard.press("Home");
  equal(await text(page, tip), first, "Home");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  const kernel = await page.evaluate(() => document.activeElement.dataset.kernel);
  equal(await page.locator("#picker-0").inputValue(), kernel, "the chosen kernel");
  check(await marks.count() > 20, "there are few marks");
});

use("memories and data types are switched", "flash", async (page) => {
  const marks = page.locator("#roofline-chart .mark"), slopes = page.locator("#roofline-chart line.slope");
  equal(await marks.count(), 3, "marks at three memories");
  equal(await slopes.count(), 3, "slopes");
  await page.getByLabel("l2", {exact: true}).uncheck();
  equal(await marks.count(), 2, "marks without l2");
  equal(await slopes.count(), 2, "slopes without l2");
  const ceilings = page.locator("#roofline-chart line.ceiling");
  const before = await ceilings.count();
  await page.getByLabel("int8 (matrix)").check();
  equal(await ceilings.count(), before + 1, "ceilings with int8");
});

use("measured points stand beside predicted ones", "measured", async (page) => {
  const hollow = page.locator("#roofline-chart .mark.hollow");
  check(await hollow.count() >= 1, "no measured point");
  await hollow.first().hover();
  const shown = await text(page, tip);
  check(/measured/i.test(shown) && shown.includes("predicted"), `in the tooltip:\n${shown}`);
  await page.getByLabel("measured points").uncheck();
  equal(await hollow.count(), 0, "measured points that are switched off");
});

/** What `perfsim run` prints beside a heading. */
function printed(words, heading) {
  const lines = execFileSync(perfsim, ["run", ...words], {encoding: "utf8"}).split("\n");
  const line = lines.find((one) => one.startsWith(`  ${heading}  `));
  return line.slice(`  ${heading}`.length).trim().split(/ {2,}/)[0];
}

for (const name of ["toy", "flash", "resnet50"]) {
  use(`figures read as in the text report: ${name}`, name, async (page) => {
    const tiles = await page.locator("#tiles > div").evaluateAll((list) =>
      list.map((tile) => [tile.children[0].textContent, tile.children[1].textContent]));
    check(tiles.length >= 4, `tiles: ${tiles.length}`);
    for (const [heading, value] of tiles) equal(value, printed(REPORTS[name](), heading), heading);
  });
}

/* --- what if ---------------------------------------------------------------------- */

/** Where the first point is, in whole pixels. */
async function place(page) {
  const where = await page.locator("#whatif-chart .mark").first().getAttribute("transform");
  return where.match(/[\d.]+/g).map((v) => Math.round(Number(v))).join(" ");
}

// Left of the ridge twice the bandwidth is twice as fast, twice the compute no faster.
use("a knob moves the point", "toy", async (page) => {
  const before = await place(page);
  await slide(page, "#knob-bandwidth", 2);
  const turned = await place(page);
  check(before !== turned, "the point stands still");
  check((await text(page, "#whatif-result")).includes("2 times as fast"), await text(page, "#whatif-result"));
  check((await text(page, "#whatif-result")).includes("memory_domains.dram.bandwidth=200 B/s"), "the option is not told");
  await slide(page, "#knob-compute", 2);
  equal(await page.locator("#knob-bandwidth").inputValue(), "1", "the other knob");
  equal(await place(page), before, "the point with more compute");
  check((await text(page, "#whatif-result")).includes("no faster"), await text(page, "#whatif-result"));
  await page.locator("#whatif-reset").click();
  equal(await page.locator("#knob-compute").inputValue(), "1", "the knob as it is");
});

use("a knob turns by the keyboard, and says so", "flash", async (page) => {
  await page.locator("#knob-precision").focus();
  const before = await page.locator("#knob-precision").getAttribute("aria-valuetext");
  check(before.includes("fp16 (as is)"), before);
  await page.keyboard.press("ArrowLeft");
  const after = await page.locator("#knob-precision").getAttribute("aria-valuetext");
  check(after !== before, "aria-valuetext stays");
  check((await text(page, "#whatif-result")).startsWith("Precision"), await text(page, "#whatif-result"));
});

use("what cannot be run says why", "resnet50", async (page) => {
  const steps = await page.locator("#whatif-table tr").filter({hasText: "int8"}).textContent();
  check(steps.includes("no operation of 'h200' does"), steps);
});

/* --- tables and bars -------------------------------------------------------------- */

use("kernels are sorted by any column", "resnet50", async (page) => {
  const head = page.locator("#kernels-table th").filter({hasText: "work-groups"});
  const column = await head.evaluate((node) => node.cellIndex);
  const numbers = () => page.locator(`#kernels-table tbody tr`).evaluateAll((rows, i) =>
    rows.map((row) => Number(row.cells[i].textContent.replaceAll(",", ""))), column);
  equal(await page.locator("#kernels-table th[aria-sort]").count(), 1, "sorted columns");
  await head.locator("button").click();
  equal(await head.getAttribute("aria-sort"), "descending", "aria-sort");
  const down = await numbers();
  check(down.length > 40 && down.every((v, i) => i === 0 || v <= down[i - 1]), `not descending: ${down}`);
  await page.keyboard.press("Enter");
  equal(await head.getAttribute("aria-sort"), "ascending", "aria-sort after Enter");
  const up = await numbers();
  check(up.every((v, i) => i === 0 || v >= up[i - 1]), `not ascending: ${up}`);
});

use("choosing a kernel shows it everywhere", "resnet50", async (page) => {
  await page.locator("#kernels-table button.name").filter({hasText: "pool2d"}).first().click();
  for (const part of ["#servers", "#program-body"]) {
    check((await text(page, part)).includes("pool2d"), `${part} shows another kernel`);
  }
  await page.locator("#picker-1").selectOption({index: 0});
  check(!(await text(page, "#servers")).includes("pool2d takes"), "the list chooses nothing");
});

use("bars are shares of the time, or each whole", "resnet50", async (page) => {
  const widths = () => page.locator("#breakdown-chart .bar").evaluateAll((bars) => bars.map((bar) =>
    [...bar.children].reduce((sum, s) => sum + s.getBoundingClientRect().width, 0) / bar.clientWidth));
  const shares = await widths();
  check(Math.abs(shares[0] - 1) < 0.02 && shares.at(-1) < 0.9, `shares: ${shares}`);
  await page.getByLabel("each to 100 %").check();
  check((await widths()).every((w) => Math.abs(w - 1) < 0.02), "some bar is not whole");
  await page.getByRole("button", {name: /Show all/}).first().click();
  check((await widths()).length > 40, "not all kernels are shown");
});

use("several workloads are chosen from a table", "several", async (page) => {
  equal(await page.locator("#workloads tbody tr").count(), 3, "workloads");
  const before = await text(page, "h1");
  await page.locator("#workloads button").nth(1).click();
  check(await text(page, "h1") !== before, "the title stays");
  equal(await page.locator("#workloads button[aria-pressed='true']").count(), 1, "chosen workloads");
  check((await text(page, "#timeline-body")).includes("--no-timeline"), "no word on the timeline");
});

/* --- time ------------------------------------------------------------------------- */

const pixels = (page, id) => page.locator(id).evaluate((canvas) => canvas.toDataURL());

use("the slider plays work-groups onto the units", "flash", async (page) => {
  await slide(page, "#play-time", 0);
  const empty = await text(page, "#play-status");
  const [grid, units] = [await pixels(page, "#blocks"), await pixels(page, "#units")];
  check(empty.includes("0 done"), empty);
  await slide(page, "#play-time", 500);
  const half = await text(page, "#play-status");
  const [done, running, waiting] = [/([\d,]+) done/, /([\d,]+) running/, /([\d,]+) waiting/].map((pattern) =>
    Number(pattern.exec(half)[1].replaceAll(",", "")));
  equal(done + running + waiting, 2048, "work-groups in all");
  // 108 units run two each.
  check(running > 100 && running <= 216, `running: ${running}`);
  check(grid !== await pixels(page, "#blocks"), "the grid looks the same");
  await slide(page, "#play-time", 1000);
  check((await text(page, "#play-status")).includes("2,048 done"), await text(page, "#play-status"));
  check(units !== await pixels(page, "#units"), "the units look the same");
  check((await text(page, "#grid-body")).includes("times are those of the event engine"), "no word on the times");
});

use("the play button plays", "flash", async (page) => {
  await slide(page, "#play-time", 0);
  await page.locator("#play").click();
  await page.waitForFunction(() => Number(document.getElementById("play-time").value) > 5);
  equal(await text(page, "#play"), "Stop", "the button while it plays");
  await page.locator("#play").click();
  equal(await text(page, "#play"), "Play", "the button when it has stopped");
});

use("the grid is flat or solid", "flash", async (page) => {
  const flat = await pixels(page, "#blocks");
  await page.getByLabel("3D").check();
  await settle(page);
  const solid = await pixels(page, "#blocks");
  check(flat !== solid, "3D looks like 2D");
  check((await page.locator("#grid-body figcaption").allInnerTexts()).some((t) => t.includes("height")), "no caption");
  await slide(page, "#turn", 120);
  check(solid !== await pixels(page, "#blocks"), "the grid does not turn");
  await page.locator("#grid").screenshot({path: picture("flash-grid-3d")});
  await page.getByLabel("2D").check();
  await page.locator("#blocks").focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  const block = await text(page, "#block-status");
  check(block.includes("wave 1") && block.includes("unit"), block);
});

use("launches stand on a line of time", "resnet50", async (page) => {
  const bars = page.locator("#timeline-launches rect.launch");
  check(await bars.count() > 100, `bars: ${await bars.count()}`);
  await bars.first().focus();
  const first = await text(page, tip);
  await page.keyboard.press("ArrowRight");
  check(first !== await text(page, tip), "the arrow key shows nothing else");
  const curves = page.locator("#timeline-counters .curve");
  const few = await curves.count();
  await page.getByRole("button", {name: "Show all parts"}).click();
  check(await curves.count() > few, "no more curves");
});

/* --- text ------------------------------------------------------------------------- */

use("the first use of a word opens its definition", "toy", async (page) => {
  const word = page.locator("button.term[data-key='ridge']");
  equal(await word.count(), 1, "buttons for one word");
  equal(await word.getAttribute("aria-expanded"), "false", "before");
  await word.click();
  equal(await word.getAttribute("aria-expanded"), "true", "after");
  check((await text(page, "#opened-ridge")).includes("slope and ceiling meet"), "the definition");
  check(await page.locator("#def-ridge.seen").count() === 1, "the list does not mark it");
  await word.click();
  equal(await page.locator("#opened-ridge").count(), 0, "closed definitions");
  check(await page.locator("a.term[href='#def-ridge']").count() >= 1, "later uses do not lead to the list");
});

use("programs are folded, counted and copied", "flash", async (page) => {
  const program = page.locator("#program-body");
  const shown = await program.innerText();
  check(shown.includes("role load") && shown.includes("2,048"), "no program, or no counts");
  const fold = program.locator("details").first();
  await fold.locator("summary").first().click();
  check(!(await fold.getAttribute("open") !== null), "it does not fold");
  await page.evaluate(() => {
    window.copied = null;
    document.addEventListener("copy", () => (window.copied = String(getSelection() ?? "") ||
      document.activeElement.value));
    Object.defineProperty(navigator, "clipboard", {value: {writeText: async (text) => {
      window.copied = text;
    }}});
  });
  await page.getByRole("button", {name: "Copy the program"}).click();
  await page.getByRole("button", {name: "Copied"}).waitFor();
  check((await page.evaluate(() => window.copied)).includes("role math"), "something else was copied");
});

use("footnotes lead to the lines of the machine", "flash", async (page) => {
  await page.locator("#servers a.note").first().click();
  const target = page.locator("#sources-list li:target");
  equal(await target.count(), 1, "targets");
  await target.locator("summary").click();
  const lines = await target.innerText();
  check(lines.includes("a100.yaml") && lines.includes("source"), lines);
});

use("contents lead to every part", "toy", async (page) => {
  const links = page.locator("#contents-list a");
  equal(await links.count(), await page.locator("main > section").count(), "entries");
  await links.last().click();
  check((await page.evaluate(() => location.hash)) === "#sources", "the last entry");
});

/* --- the page as a whole ---------------------------------------------------------- */

use("dark and light are switched", "toy", async (page) => {
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await page.locator("#theme").click();
  const dark = await ground();
  check(light !== dark, "nothing changes");
  equal(await text(page, "#theme"), "Light", "the button");
  await page.locator("#theme").click();
  equal(await ground(), light, "back again");
});

use("Tab reaches everything that can be used, and leaves the page", "flash", async (page) => {
  const reached = [];
  for (let i = 0; i < 250; i++) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const node = document.activeElement;
      if (!node || node === document.body) return null;
      const box = node.getBoundingClientRect();
      return {name: `${node.tagName} ${node.id} ${node.className.baseVal ?? node.className}`, seen: box.width > 0};
    });
    if (!at) break;
    check(at.seen, `${at.name} has the focus and is not seen`);
    reached.push(at.name);
  }
  check(reached.length < 250, "Tab does not leave the page");
  for (const wanted of ["A  skip", "mark", "knob-bandwidth", "knob-precision", "play-time", "BUTTON play", "blocks",
    "launch", "term", "copy", "SUMMARY", "INPUT", "scrolling"]) {
    check(reached.some((name) => name.includes(wanted)), `Tab does not reach ${wanted}:\n${reached.join("\n")}`);
  }
});

use("on paper everything is unfolded and nothing is a switch", "flash", async (page) => {
  await page.emulateMedia({media: "print"});
  await page.locator("#theme").evaluate((button) => button.click()); // dark
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(255, 255, 255)", "paper");
  equal(await page.locator("main details:not([open])").count(), 0, "folded parts");
  for (const hidden of [".toggles", ".knobs", "#play", "#theme", "button.copy"]) {
    check(await page.locator(hidden).first().isHidden(), `${hidden} is printed`);
  }
  check(await page.locator("#roofline-chart svg").isVisible(), "no roofline");
  await page.pdf({path: picture("flash-print").replace(/png$/, "pdf"), format: "A4"});
  await page.evaluate(() => dispatchEvent(new Event("afterprint")));
  check(await page.locator("main details:not([open])").count() > 3, "parts stay unfolded");
});

test("the page can reach no network", async () => {
  const {page, close} = await open("toy");
  try {
    const refused = await page.evaluate(async () => {
      const told = new Promise((done) => document.addEventListener("securitypolicyviolation",
        (event) => done(event.effectiveDirective), {once: true}));
      await fetch("http://127.0.0.1:9/").catch(() => null);
      return Promise.race([told, new Promise((done) => setTimeout(() => done("nothing"), 3000))]);
    });
    equal(refused, "connect-src", "what the policy refuses");
    const ran = await page.evaluate(() => {
      const script = document.createElement("script");
      script.textContent = "window.injected = true";
      document.body.append(script);
      return window.injected === true;
    });
    check(!ran, "a script that is not the page's own runs");
  } finally {
    await close();
  }
});

test("a network's page is of at most 1 MB", async () => {
  const {size} = fs.statSync(report("resnet50"));
  check(size <= 1e6, `${size} bytes`);
});

use("hostile names are text", "hostile", async (page) => {
  equal(await page.evaluate(() => window.pwned), undefined, "what hostile words did");
  // The page's own two scripts: its data and its program.
  equal(await page.locator("script").count(), 2, "scripts");
  equal(await page.locator("img").count(), 0, "pictures");
  check((await page.locator("h1").textContent()).includes(HOSTILE), "the name is not shown as it is");
  check((await page.title()).includes(HOSTILE.slice(0, 20)), "the title");
  check((await page.locator("#servers").textContent()).includes("onerror"), "the memory's name");
});

