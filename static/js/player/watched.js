/**
 * For a viewer with a monthly pot alone: says every twenty seconds how many more were
 * played, and once more when the film pauses or the page goes. The server believes no
 * more of it than its own clock. A page that nobody sees or hears says nothing.
 */

import { on } from "./dom.js";
import { measurePlayed } from "./played.js";

/** @typedef {import("./stage.js").Stage} Stage */

const EVERY = 20; // seconds
const MOST = 60; // in one report: what could not be said for longer is lost

/** @param {Stage} stage */
export function reportWatched(stage) {
  const {
    video,
    setup: { watched },
    signal,
  } = stage;
  if (!watched.url) return;
  let played = 0;
  let saying = false;
  let refused = false;

  async function say() {
    const seconds = Math.floor(played);
    if (saying || refused || seconds < 1) return;
    saying = true;
    played -= seconds;
    const answer = await fetch(watched.url, {
      method: "POST",
      keepalive: true,
      headers: { "X-CSRFToken": watched.csrf },
      body: new URLSearchParams({ slip: watched.slip, seconds: String(seconds) }),
    }).catch(() => null);
    saying = false;
    if (!answer || answer.status >= 500) played = Math.min(played + seconds, MOST);
    else refused = !answer.ok;
  }

  measurePlayed(stage, (seconds) => {
    if (document.hidden && (video.muted || video.volume === 0)) return;
    played = Math.min(played + seconds, MOST);
    if (played >= EVERY) say();
  });
  on(video, "pause ended", () => void say(), signal);
  window.addEventListener("pagehide", () => void say(), { signal });
}
