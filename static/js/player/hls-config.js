/** How hls.js is set: a fast start first, then a steady buffer. */

import { loaderFor } from "./loader.js";

/** @typedef {import("./source-base.js").SourceParts} SourceParts */
/** @typedef {import("hls.js").HlsConfig} HlsConfig */

export const READY_BUFFER = 6; // seconds fetched before anyone has pressed play
export const STEADY_BUFFER = 40; // seconds kept ahead while playing

/**
 * Our segments are fragmented MP4, which needs no worker to unpack, and captions
 * are `<track>`s of the page, so the parts of hls.js that do those stay out.
 *
 * @param {SourceParts} parts
 * @returns {Partial<HlsConfig>}
 */
export function hlsConfig({ setup, access, prefs }) {
  const known = prefs.get("bandwidth");
  return {
    loader: loaderFor(access),
    enableWorker: false,
    timelineController: undefined,
    subtitleTrackController: undefined,
    subtitleStreamController: undefined,
    emeController: undefined,
    autoStartLoad: setup.autoplay || !prefs.get("saver"),
    maxBufferLength: setup.autoplay ? STEADY_BUFFER : READY_BUFFER,
    maxMaxBufferLength: 120,
    backBufferLength: 60,
    capLevelToPlayerSize: !prefs.get("saver"),
    abrEwmaDefaultEstimate: known || guessedBandwidth(),
    testBandwidth: !known,
    // An EVENT playlist is watched from its beginning, never from its newest segment.
    startPosition: 0,
    liveDurationInfinity: false,
  };
}

/** @returns {number} bit/s by the browser's own guess, else what a phone network gives */
function guessedBandwidth() {
  const link = /** @type {{ connection?: { downlink?: number } }} */ (navigator).connection;
  return link?.downlink ? link.downlink * 700_000 : 2_000_000;
}
