/** Chapters: gaps in the time bar, the name of the one playing, and a list. */

import { clock } from "./clock.js";
import { on } from "./dom.js";

/** @typedef {import("./stage.js").Stage} Stage */
/** @typedef {import("./setup.js").Chapter} Chapter */
/** @typedef {import("./menu.js").Page} Page */
/** @typedef {import("./actions.js").Actions} Actions */

/** @param {Chapter[]} chapters @param {number} time @returns {Chapter | undefined} */
export function chapterAt(chapters, time) {
  return chapters.findLast(({ start }) => start <= time + 0.01);
}

/** media-chrome cuts the time bar by the cues of a chapters track. @param {Stage} stage */
export function markChapters({ video, setup: { chapters } }) {
  if (!chapters.length) return;
  const track = video.addTextTrack("chapters");
  track.mode = "hidden";
  chapters.forEach(({ start, title }, index) => {
    const end = chapters[index + 1]?.start ?? Number.MAX_SAFE_INTEGER;
    if (end > start) track.addCue(new VTTCue(start, end, asCue(title)));
  });
}

/** @param {string} title @returns {string} text that WebVTT and media-chrome do not take for markup */
function asCue(title) {
  return title.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

/** @param {Stage} stage @param {HTMLElement} place where the name of the chapter stands */
export function nameChapter({ video, setup: { chapters }, signal }, place) {
  const name = () => {
    const title = chapterAt(chapters, video.currentTime)?.title ?? chapters[0]?.title ?? "";
    if (place.textContent !== title) place.textContent = title;
  };
  name();
  on(video, "timeupdate seeking", name, signal);
}

/** @param {Stage} stage @param {Actions} actions @returns {Page} */
export function chapterPage({ video, setup: { chapters }, say }, actions) {
  const playing = chapterAt(chapters, video.currentTime);
  return {
    title: say("chapters"),
    rows: chapters.map((chapter) => ({
      kind: "choice",
      label: chapter.title,
      value: clock(chapter.start),
      on: chapter === playing,
      act: () => actions.seekTo(chapter.start),
    })),
  };
}
