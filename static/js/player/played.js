/** Seconds that were really played: seeks, sleeps and waiting left out. */

import { on } from "./dom.js";

/** @typedef {import("./stage.js").Stage} Stage */

const ONE_STEP = 2; // seconds between two `timeupdate`s; more is a seek or a sleep

/**
 * Call `add` with the seconds of the clock for which the film moved since the last call.
 *
 * @param {Stage} stage
 * @param {(seconds: number) => void} add
 */
export function measurePlayed({ video, signal }, add) {
  let place = video.currentTime;
  let moment = performance.now();

  function measure() {
    const now = performance.now();
    const moved = video.currentTime - place;
    const passed = (now - moment) / 1000;
    [place, moment] = [video.currentTime, now];
    if (!video.seeking && moved > 0 && moved <= ONE_STEP * video.playbackRate) {
      add(Math.min(passed, ONE_STEP));
    }
  }

  on(video, "timeupdate ended", measure, signal);
  on(
    video,
    "play seeking seeked",
    () => {
      [place, moment] = [video.currentTime, performance.now()];
    },
    signal,
  );
}
