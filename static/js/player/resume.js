/** Going on where I stopped: one place per video, kept in this browser only. */

import { clock } from "./clock.js";
import { on } from "./dom.js";
import { keep, recall } from "./prefs.js";

/** @typedef {import("./stage.js").Stage} Stage */
/** @typedef {Record<string, [place: number, day: number]>} Places by key of the video */

const KEY = "wt-resume";
const KEPT = 200; // videos
const FIRST = 5; // seconds that are not worth going on from
const LAST = 10; // seconds before the end that count as seen
const EVERY = 5_000; // ms

/** @returns {Places} */
function places() {
  return /** @type {Places | null} */ (recall(KEY)) ?? {};
}

/** @param {string} video @returns {number} seconds, 0 for the beginning */
export function placeOf(video) {
  return places()[video]?.[0] ?? 0;
}

/** @param {string} video @param {number} place seconds, 0 forgets it */
function remember(video, place) {
  const { [video]: _, ...others } = places();
  const rest = Object.entries(others)
    .sort(([, a], [, b]) => b[1] - a[1])
    .slice(0, KEPT - 1);
  const mine = /** @type {[string, [number, number]][]} */ (
    place ? [[video, [Math.floor(place), Date.now()]]] : []
  );
  const all = [...mine, ...rest];
  keep(KEY, all.length ? Object.fromEntries(all) : null);
}

/** @param {Stage} stage */
export function rememberPlace({ video, setup, prefs, source, signal }) {
  if (!setup.video) return;
  let kept = 0;

  function store() {
    if (!prefs.get("resume") || video.seeking || !video.duration) return;
    const over = !source.growing && video.currentTime > video.duration - LAST;
    const begun = video.currentTime >= FIRST;
    if (begun || over) remember(setup.video, over ? 0 : video.currentTime);
  }

  on(
    video,
    "timeupdate",
    () => {
      if (performance.now() - kept < EVERY || video.paused) return;
      kept = performance.now();
      store();
    },
    signal,
  );
  on(video, "pause seeked", store, signal);
  on(video, "ended", () => source.growing || remember(setup.video, 0), signal);
  window.addEventListener("pagehide", store, { signal });
}

/** Say so, with a way back to the beginning. @param {Stage} stage @param {number} place seconds */
export function sayResumed({ video, notice, say }, place) {
  notice.offer(say("resumed", { time: clock(place) }), say("from_start"), () => {
    video.currentTime = 0;
  });
}
