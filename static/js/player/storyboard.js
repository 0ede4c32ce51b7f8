/** Pictures over the time bar, from a WebVTT file that points into sprites. */

import { parseTime } from "./clock.js";

/** @typedef {import("./stage.js").Stage} Stage */
/** @typedef {{ start: number, end: number, picture: string }} Tile `picture`: `name.jpg#xywh=x,y,w,h` */

const CUE = /^((?:\d+:)?\d+:\d+)(\.\d+)?\s+-->\s+((?:\d+:)?\d+:\d+)(\.\d+)?.*\r?\n(\S+#xywh=\S+)/gm;

/** @param {string} text a WebVTT file @returns {Tile[]} */
export function readTiles(text) {
  return [...text.matchAll(CUE)].map(([, start, parts, end, endParts, picture]) => ({
    start: (parseTime(start) ?? 0) + Number(parts ?? 0),
    end: (parseTime(end) ?? 0) + Number(endParts ?? 0),
    picture,
  }));
}

/** media-chrome looks for a metadata track called "thumbnails". @param {Stage} stage */
export async function showStoryboard({ video, setup, access, signal }) {
  let address = setup.storyboard;
  const track = video.addTextTrack("metadata", "thumbnails");
  track.mode = "hidden";

  async function fill() {
    if (!address) return;
    const url = access.url(address);
    const answer = await fetch(url).catch(() => null);
    if (!answer?.ok || signal.aborted) return;
    for (const { start, end, picture } of readTiles(await answer.text())) {
      track.addCue(new VTTCue(start, end, new URL(picture, url).href));
    }
  }

  function readdress() {
    for (const cue of track.cues ?? []) {
      const tile = /** @type {VTTCue} */ (cue);
      tile.text = access.current(tile.text);
    }
  }

  access.addEventListener("renewed", () => (track.cues?.length ? readdress() : fill()), { signal });
  // The sprites of a video still being encoded come when it is finished.
  access.addEventListener(
    "moved",
    (event) => {
      address =
        /** @type {CustomEvent<import("./access.js").Answer>} */ (event).detail.storyboard ?? "";
      if (!track.cues?.length) fill();
    },
    { signal },
  );
  await fill();
}
