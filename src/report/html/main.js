// SPDX-License-Identifier: MIT
// Everything starts here, in the order of the page: so footnotes and definitions are
// numbered and opened where they are met first.

startTheme();
startPrinting();
startTooltip();
startContents();
startPickers();
startHead();
startRoofline();
startWhatif();
startBreakdown();
startEnergy();
startKernels();
startTimeline();
startPlay();
startProgram();
startSources();
onChange("kernel", markTerms);
chooseRun(0);
