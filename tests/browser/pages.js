// SPDX-License-Identifier: MIT
// Makes reports with perfsim and opens them in a browser that tells what goes wrong.
"use strict";

const {execFileSync} = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const {pathToFileURL} = require("node:url");
const {chromium} = require("playwright-core");

const [perfsim, workplace] = process.argv.slice(2).map((word) => path.resolve(word));
const screens = path.join(workplace, "screens");
fs.mkdirSync(screens, {recursive: true});

/** A machine and a workload whose every word is hostile. */
const HOSTILE = `<script>window.pwned=1</script></script><img src=x onerror="window.pwned=2">&amp;'"\``;

function writeHostile() {
  const machine = path.join(workplace, "hostile.yaml");
  const words = JSON.stringify(HOSTILE);
  fs.writeFileSync(machine, `schema: perfsim/hardware/v1
name: ${words}
title: ${words}
sources: {sheet: ${words}, __proto__: ${words}, constructor: ${words}}
parallel_groups:
  - {name: chip, groups: lane, number: 4, clock: {value: 1 Hz, source: ${words}}, in_flight: 1000000}
memory_domains:
  - {name: ${words}, shared_across: chip, bandwidth: {value: 100 B/s, source: sheet}}
operations:
  - {name: ${words}, does: fma, supported_by: lane, throughput: {fp32: {value: 50 op/s, source: ${words}}}}
`);
  const workload = path.join(workplace, "hostile.json");
  const name = JSON.stringify(HOSTILE).replace(/"$/, '\\u2028\\u2029"');
  fs.writeFileSync(workload, `{"schema": "perfsim/workload/v1", "name": ${name}, "title": ${name}, "ops": [
  {"op": "elementwise", "name": ${name}, "function": "add", "elements": 4096, "dtype": "fp32"}]}`);
  return [machine, workload];
}

/** What is opened: by name, words of the command line. */
const REPORTS = {
  toy: () => ["toy", "vector_add"],
  flash: () => ["a100", "flash_attn"],
  resnet50: () => ["h200", "resnet50"],
  several: () => ["h200", "gemm", "softmax", "elementwise", "function=add", "elements=1048576", "dtype=fp32",
    "--no-timeline"],
  measured: () => ["h200", "gemm", "m=8192", "n=8192", "k=8192", "dtype=bf16", "--measured", "data/h200.json"],
  hostile: () => writeHostile(),
};

const made = new Map();

/** The file of a report, made once. */
function report(name) {
  if (!made.has(name)) {
    const file = path.join(workplace, `${name}.html`);
    execFileSync(perfsim, ["report", ...REPORTS[name](), "-o", file], {stdio: ["ignore", "ignore", "inherit"]});
    made.set(name, file);
  }
  return made.get(name);
}

/** Where a browser is: its names differ from system to system. */
function findBrowser() {
  const names = ["chromium", "chromium-browser", "google-chrome"];
  for (const folder of (process.env.PATH ?? "").split(path.delimiter)) {
    for (const name of names) {
      const file = path.join(folder, name);
      if (fs.existsSync(file)) return file;
    }
  }
  throw new Error("no chromium: ./dev test browser installs it");
}

let browser = null;

async function startBrowser() {
  browser = await chromium.launch({
    executablePath: findBrowser(),
    // In a container there is no sandbox for root, and little shared memory.
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--force-color-profile=srgb"],
  });
}

async function stopBrowser() {
  await browser?.close();
}

/** A page and what it complained of: messages of its console, errors, requests. */
async function open(name, {width = 1200, scheme = "light"} = {}) {
  const context = await browser.newContext({viewport: {width, height: 900}, colorScheme: scheme,
    reducedMotion: "reduce"});
  const page = await context.newPage();
  const faults = [];
  page.on("console", (message) => faults.push(`console: ${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => faults.push(`error: ${error.stack ?? error.message}`));
  const url = pathToFileURL(report(name)).href;
  page.on("request", (request) => {
    if (request.url() !== url) faults.push(`request: ${request.url()}`);
  });
  await page.goto(url);
  await settle(page);
  return {page, faults, close: () => context.close()};
}

/** Two frames: observers have been told of sizes by then. */
async function settle(page) {
  await page.evaluate(() => new Promise((done) =>
    requestAnimationFrame(() => requestAnimationFrame(done))));
}

function picture(name) {
  return path.join(screens, `${name}.png`);
}

module.exports = {HOSTILE, REPORTS, open, perfsim, picture, report, settle, startBrowser, stopBrowser};
