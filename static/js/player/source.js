/** Which way a video is played here: hls.js, the browser's own HLS, or the one MP4. */

import Hls from "hls.js";

import { HlsSource } from "./hls-source.js";
import { PlainSource } from "./plain-source.js";

/** @typedef {import("./source-base.js").SourceParts} SourceParts */

/** @param {SourceParts} parts @returns {HlsSource | PlainSource} */
export function chooseSource(parts) {
  const { video, setup } = parts;
  if (setup.hls && Hls.isSupported()) return new HlsSource(parts);
  const native = setup.hls && video.canPlayType("application/vnd.apple.mpegurl");
  return new PlainSource(parts, native || !setup.progressive ? setup.hls : setup.progressive);
}
