// SPDX-License-Identifier: MIT
// browser.js PERFSIM WORKPLACE: reports in a browser; says TAP, keeps pictures.
"use strict";

const {runAll} = require("./tap");
const {startBrowser, stopBrowser} = require("./pages");
require("./use");
require("./look");

async function main() {
  await startBrowser();
  const failed = await runAll();
  await stopBrowser();
  process.exitCode = failed > 0 ? 1 : 0;
}

main();
