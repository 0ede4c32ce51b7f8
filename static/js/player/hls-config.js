/** How hls.js is set: a fast start first, then a steady buffer. */

import { directLoader } from "./direct/loader.js";
import { loaderFor } from "./loader.js";

/** @typedef {import("./source-base.js").SourceParts} SourceParts */
/** @typedef {import("hls.js").HlsConfig} HlsConfig */

const READY = 6; // seconds fetched before anyone has pressed play
const SPARING = 15; // seconds kept ahead by the data saver
const STEADY = 40; // seconds kept ahead else
const MOST = 120; // seconds kept ahead of a film of few bytes

/** @typedef {Pick<HlsConfig, "maxBufferLength" | "maxMaxBufferLength">} Buffers */

/** @param {boolean} begun @param {boolean} saver @returns {Buffers} */
export function buffers(begun, saver) {
  if (!begun) return { maxBufferLength: READY, maxMaxBufferLength: READY };
  if (saver) return { maxBufferLength: SPARING, maxMaxBufferLength: SPARING };
  return { maxBufferLength: STEADY, maxMaxBufferLength: MOST };
}

/**
 * Our segments are fragmented MP4, which needs no worker to unpack, and captions
 * are `<track>`s of the page, so the parts of hls.js that do those stay out.
 *
 * @param {SourceParts} parts
 * @returns {Partial<HlsConfig>}
 */
export function hlsConfig({ setup, access, prefs }) {
  const known = prefs.get("bandwidth");
  const loader = loaderFor(access);
  return {
    loader,
    fLoader: setup.desk.url ? directLoader(loader, access, setup.desk) : undefined,
    enableWorker: false,
    timelineController: undefined,
    subtitleTrackController: undefined,
    subtitleStreamController: undefined,
    emeController: undefined,
    autoStartLoad: setup.autoplay || !prefs.get("saver"),
    ...buffers(setup.autoplay, prefs.get("saver")),
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
