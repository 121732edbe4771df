/* SPDX-License-Identifier: MIT */
/** @file The page without its data: src/report/html, joined when perfsim is built. */
#pragma once

/** HTML up to the text of the title, from there to the data, and what follows. */
extern const char psim_page_before_title[], psim_page_before_data[],
    psim_page_after_data[];
