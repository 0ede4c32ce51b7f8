/** Counting a view: once per viewing, after ten seconds that were really played. */

import { measurePlayed } from "./played.js";

/** @typedef {import("./stage.js").Stage} Stage */

const ENOUGH = 10; // seconds
const NEARLY_ALL = 0.95; // of a video that is shorter than that

/** @param {Stage} stage */
export function countView(stage) {
  const {
    video,
    setup: { viewing, credentials },
  } = stage;
  if (!viewing.url) return;
  let played = 0;
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
      credentials,
      headers,
      body,
    }).catch(() => null);
    // A lost answer may be told again: the token makes the server count once.
    if (!answer || answer.status >= 500) {
      told = false;
      played = Math.min(played, ENOUGH - 5);
    }
  }

  measurePlayed(stage, (seconds) => {
    played += seconds;
    const needed = Math.min(ENOUGH, (video.duration || ENOUGH) * NEARLY_ALL);
    if (!told && played >= needed) tell();
  });
}
