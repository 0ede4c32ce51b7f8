/** Counting a view: once per viewing, after ten seconds that were really played. */

import { on } from "./dom.js";

/** @typedef {import("./stage.js").Stage} Stage */

const ENOUGH = 10; // seconds
const NEARLY_ALL = 0.95; // of a video that is shorter than that
const ONE_STEP = 2; // seconds between two `timeupdate`s; more is a seek or a sleep

/** @param {Stage} stage */
export function countView({ video, setup: { viewing }, signal }) {
  if (!viewing.url) return;
  let played = 0;
  let place = video.currentTime;
  let moment = performance.now();
  let told = false;

  async function tell() {
    told = true;
    const headers = /** @type {Record<string, string>} */ (
      viewing.csrf ? { "X-CSRFToken": viewing.csrf } : {}
    );
    const body = new URLSearchParams({ token: viewing.token });
    const answer = await fetch(viewing.url, {
      method: "POST",
      keepalive: true,
      headers,
      body,
    }).catch(() => null);
    // A lost answer may be told again: the token makes the server count once.
    if (!answer || answer.status >= 500) {
      told = false;
      played = Math.min(played, ENOUGH - 5);
    }
  }

  function measure() {
    const now = performance.now();
    const moved = video.currentTime - place;
    const passed = (now - moment) / 1000;
    if (!video.seeking && moved > 0 && moved <= ONE_STEP * video.playbackRate) {
      played += Math.min(passed, ONE_STEP);
    }
    [place, moment] = [video.currentTime, now];
    const needed = Math.min(ENOUGH, (video.duration || ENOUGH) * NEARLY_ALL);
    if (!told && played >= needed) tell();
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
