// SPDX-License-Identifier: MIT
// Cases as TAP: each is told by itself, with what went wrong.
"use strict";

const cases = [];

function test(name, run) {
  cases.push({name, run});
}

function check(condition, text) {
  if (!condition) throw new Error(text);
}

function equal(got, want, text) {
  check(got === want, `${text}: ${JSON.stringify(got)}, not ${JSON.stringify(want)}`);
}

/** Runs all cases, one after the other. @return how many failed */
async function runAll() {
  console.log(`1..${cases.length}`);
  let failed = 0;
  for (const [i, one] of cases.entries()) {
    try {
      await one.run();
      console.log(`ok ${i + 1} - ${one.name}`);
    } catch (error) {
      failed++;
      console.log(`not ok ${i + 1} - ${one.name}`);
      console.log(String(error.message ?? error).slice(0, 3000).replace(/^/gm, "# "));
    }
  }
  return failed;
}

module.exports = {test, check, equal, runAll};
