/** What this playback cost and how well it went: start, stalls, bytes. */

import { on } from "./dom.js";

/** @typedef {import("./stage.js").Stage} Stage */

export class Figures {
  /** Milliseconds from the wish to play to the first picture, 0 before it. */
  start = 0;
  stalls = 0;
  #stage;
  #asked = 0;

  /** @param {Stage} stage */
  constructor(stage) {
    this.#stage = stage;
    const { video, signal } = stage;
    on(video, "play", () => (this.#asked ||= performance.now()), signal);
    on(video, "playing", () => this.#begin(), signal);
    on(video, "waiting", () => this.#stall(), signal);
  }

  /** @returns {string} */
  get sentence() {
    const { say, source } = this.#stage;
    const words = [];
    if (source.bytes) words.push(say("data_used", { size: megabytes(source.bytes) }));
    if (this.start)
      words.push(say("started_in", { seconds: Math.max(0.1, this.start / 1000).toFixed(1) }));
    if (this.stalls) words.push(say("stalls", { count: this.stalls }));
    return words.join(" · ");
  }

  #begin() {
    if (this.start) return;
    this.start = Math.max(1, Math.round(performance.now() - this.#asked));
    const detail = { milliseconds: this.start };
    this.#stage.element.dispatchEvent(new CustomEvent("wt-started", { bubbles: true, detail }));
  }

  #stall() {
    if (this.start && !this.#stage.video.seeking) this.stalls += 1;
  }
}

/** @param {number} bytes @returns {string} */
function megabytes(bytes) {
  const size = bytes / 1_000_000;
  return `${size.toLocaleString(undefined, { maximumFractionDigits: size < 10 ? 1 : 0 })} MB`;
}
