/** Playing one address by the browser alone: its own HLS, or the progressive MP4. */

import { Source } from "./source-base.js";

/** @typedef {import("./source-base.js").SourceParts} SourceParts */

export class PlainSource extends Source {
  kind = /** @type {const} */ ("plain");
  levels = /** @type {import("hls.js").Level[]} */ ([]);
  #parts;
  #name;
  #tries = 0;
  /** Whether the viewer wants it to play: a broken element pauses by itself. */
  #wanted = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retry;

  /** @param {SourceParts} parts @param {string} name file under the prefix */
  constructor(parts, name) {
    super();
    this.#parts = parts;
    this.#name = name;
    const { video, signal } = parts;
    video.addEventListener("error", () => this.#fail(), { signal });
    video.addEventListener("play", () => this.#want(true), { signal });
    video.addEventListener("pause", () => video.error || this.#want(false), { signal });
    video.addEventListener("playing", () => this.#recover(), { signal });
    window.addEventListener("online", () => this.#tries && this.reopen(), { signal });
    signal.addEventListener("abort", () => clearTimeout(this.#retry));
  }

  /** @param {number} position seconds */
  open(position) {
    const { video, access, setup, prefs } = this.#parts;
    if (!this.#name) return this.tell("trouble", "unavailable");
    video.preload = prefs.get("saver") && !setup.autoplay ? "none" : "metadata";
    video.src = access.url(this.#name);
    if (position > 0) {
      video.addEventListener("loadedmetadata", () => this.#seek(position), { once: true });
    }
  }

  /** Go on at the same place, from a newer prefix if there is one. */
  reopen() {
    const { video } = this.#parts;
    clearTimeout(this.#retry);
    this.open(video.currentTime);
    if (this.#wanted) video.play().catch(() => {});
  }

  /** @param {boolean} playing */
  #want(playing) {
    this.#wanted = playing;
  }

  /** @param {number} position */
  #seek(position) {
    this.#parts.video.currentTime = position;
  }

  #recover() {
    if (this.#tries) this.tell("recovered");
    this.#tries = 0;
  }

  /** A media element does not tell a 403 from a 404, so the address is asked. */
  async #fail() {
    const { video, access } = this.#parts;
    if (!video.src) return;
    if (video.error?.code === MediaError.MEDIA_ERR_DECODE) return this.tell("trouble", "decode");
    const status = await statusOf(access.url(this.#name));
    if (status === 403 && (await access.renew())) this.reopen();
    else if (status === 403 && !access.unanswered) this.tell("trouble", "expired");
    else if (status === 404 || status === 410) this.tell("trouble", "unavailable");
    else if (status >= 200 && status < 300) this.tell("trouble", "decode");
    else this.#retryLater();
  }

  #retryLater() {
    this.#tries += 1;
    this.tell("trouble", "network");
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.reopen(), Math.min(15_000, 1_000 * 2 ** this.#tries));
  }
}

/** @param {string} url @returns {Promise<number>} HTTP status, 0 when nothing answered */
async function statusOf(url) {
  try {
    return (await fetch(url, { method: "HEAD" })).status;
  } catch {
    return 0;
  }
}
