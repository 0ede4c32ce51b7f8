/** Playing by hls.js: adaptive, growing while the video is still being encoded. */

import Hls from "hls.js";

import { hlsConfig, READY_BUFFER, STEADY_BUFFER } from "./hls-config.js";
import { Source } from "./source-base.js";

/** @typedef {import("./source-base.js").SourceParts} SourceParts */
/** @typedef {import("hls.js").ErrorData} ErrorData */

const CHECK_FOR_RUNGS = 15_000; // ms between looks at the master while the video grows
const FORGIVEN = 2; // decode errors mended before giving up

export class HlsSource extends Source {
  kind = /** @type {const} */ ("hls");
  /** The master has gained rungs that this playback does not know yet. */
  hasMore = false;
  #parts;
  /** @type {Hls} */
  #hls;
  #failures = 0;
  #mended = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retry;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #look;

  /** @param {SourceParts} parts */
  constructor(parts) {
    super();
    this.#parts = parts;
    this.growing = parts.setup.growing;
    this.#hls = new Hls(hlsConfig(parts));
    const { video, signal } = parts;
    video.addEventListener("play", () => this.#hurry(), { signal });
    window.addEventListener("online", () => this.#again(), { signal });
    if (this.growing) this.#look = setInterval(() => this.#lookForRungs(), CHECK_FOR_RUNGS);
    signal.addEventListener("abort", () => this.#stop());
  }

  get levels() {
    return this.#hls.levels;
  }

  get engine() {
    return this.#hls;
  }

  /** @param {number} position seconds */
  open(position) {
    const { video, access, setup, prefs } = this.#parts;
    const hls = this.#hls;
    hls.config.startPosition = position;
    hls.on(Hls.Events.MANIFEST_PARSED, () => this.tell("rungs"));
    hls.on(Hls.Events.LEVEL_SWITCHED, () => this.tell("rungs"));
    hls.on(Hls.Events.LEVEL_UPDATED, (_, { details }) => this.#grow(details.live));
    hls.on(Hls.Events.FRAG_LOADED, (_, { frag }) => {
      this.bytes += frag.stats.total;
      if (this.#failures) this.tell("recovered");
      this.#failures = 0;
      prefs.set("bandwidth", Math.round(hls.bandwidthEstimate) || 0);
    });
    hls.on(Hls.Events.ERROR, (_, data) => this.#fail(data));
    hls.loadSource(access.url(setup.hls));
    hls.attachMedia(video);
  }

  /** Begin anew at the same place: after a trouble, or to take up new rungs. */
  reopen() {
    const { video } = this.#parts;
    const [position, playing] = [video.currentTime, !video.paused];
    clearTimeout(this.#retry);
    this.#hls.destroy();
    this.#hls = new Hls({ ...hlsConfig(this.#parts), autoStartLoad: true });
    this.#failures = this.#mended = 0;
    this.hasMore = false;
    this.open(position);
    if (playing) video.play().catch(() => {});
  }

  /** From the first press of play on, keep a real buffer. */
  #hurry() {
    this.#hls.config.maxBufferLength = this.#parts.prefs.get("saver") ? READY_BUFFER : STEADY_BUFFER;
    if (!this.#hls.loadingEnabled) this.#hls.startLoad(this.#hls.config.startPosition);
  }

  /** @param {boolean} live */
  #grow(live) {
    if (this.growing && !live) {
      clearInterval(this.#look);
      this.#lookForRungs();
    }
    if (this.growing || live) {
      this.growing = live;
      this.tell("growth");
    }
  }

  async #lookForRungs() {
    const { access, setup, video } = this.#parts;
    const master = await fetch(access.url(setup.hls)).catch(() => null);
    if (!master?.ok) return;
    const listed = (await master.text()).match(/^#EXT-X-STREAM-INF:.*RESOLUTION/gm) ?? [];
    if (this.hasMore || listed.length <= this.levels.length) return;
    this.hasMore = true;
    this.tell("rungs");
    if (video.paused) this.reopen();
    else video.addEventListener("pause", () => this.hasMore && this.reopen(), { once: true });
  }

  /** @param {ErrorData} data */
  #fail({ type, fatal, response, details }) {
    if (type === Hls.ErrorTypes.NETWORK_ERROR) this.#lose(fatal, response?.code ?? 0);
    else if (fatal && type === Hls.ErrorTypes.MEDIA_ERROR && this.#mended < FORGIVEN) {
      this.#mended += 1;
      this.#hls.recoverMediaError();
    } else if (fatal) this.tell("trouble", "decode");
    if (fatal) console.info("The player met", details);
  }

  /** @param {boolean} fatal @param {number} status HTTP, 0 when nothing answered */
  #lose(fatal, status) {
    this.#failures += 1;
    if (fatal && status === 403) return this.tell("trouble", "expired");
    if (fatal && (status === 404 || status === 410)) return this.tell("trouble", "unavailable");
    if (fatal || this.#failures > 1) this.tell("trouble", "network");
    if (!fatal) return;
    clearTimeout(this.#retry);
    const wait = Math.min(15_000, 1_000 * 2 ** Math.min(this.#failures, 5));
    this.#retry = setTimeout(() => this.#again(), wait);
  }

  #again() {
    if (!this.#failures) return;
    if (this.levels.length) this.#hls.startLoad();
    else this.#hls.loadSource(this.#parts.access.url(this.#parts.setup.hls));
  }

  #stop() {
    clearInterval(this.#look);
    clearTimeout(this.#retry);
    this.#hls.destroy();
  }
}
