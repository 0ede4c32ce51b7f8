/** States that the style sheet needs, kept as attributes of the player. */

import { on } from "./dom.js";

/** @typedef {import("./stage.js").Stage} Stage */

/** @param {Stage} stage */
export function keepState({ element, video, source, prefs, signal }) {
  const waiting = (/** @type {boolean} */ yes) => element.toggleAttribute("waiting", yes);
  on(video, "waiting", () => waiting(!video.paused), signal);
  on(video, "playing canplay seeked pause emptied", () => waiting(false), signal);
  on(
    video,
    "play",
    () => {
      element.setAttribute("begun", "");
      waiting(video.readyState < HTMLMediaElement.HAVE_FUTURE_DATA);
    },
    signal,
  );
  on(video, "pause play", () => element.toggleAttribute("paused", video.paused), signal);
  element.toggleAttribute("paused", video.paused);

  const hear = () => element.toggleAttribute("audio", isAudio(video, source.levels));
  on(video, "loadedmetadata resize", hear, signal);
  on(source, "rungs", hear, signal);

  video.volume = prefs.get("volume");
  video.muted = prefs.get("muted");
  video.defaultPlaybackRate = video.playbackRate = prefs.get("speed");
  on(
    video,
    "volumechange",
    () => {
      prefs.set("volume", video.volume);
      prefs.set("muted", video.muted);
    },
    signal,
  );
}

/** @param {HTMLVideoElement} video @param {import("hls.js").Level[]} levels */
function isAudio(video, levels) {
  if (levels.length) return levels.every(({ width, videoCodec }) => !width && !videoCodec);
  return video.readyState >= HTMLMediaElement.HAVE_METADATA && video.videoWidth === 0;
}
