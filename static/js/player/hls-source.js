/** Playing by hls.js: adaptive, growing while the video is still being encoded. */

import Hls from "hls.js";

import { freeze } from "./freeze.js";
import { buffers, hlsConfig } from "./hls-config.js";
import { Source } from "./source-base.js";

/** @typedef {import("./source-base.js").SourceParts} SourceParts */
/** @typedef {import("hls.js").ErrorData} ErrorData */

const ASK_IF_DONE = 15_000; // ms between questions whether a growing video is finished
const FORGIVEN = 2; // decode errors mended before giving up

export class HlsSource extends Source {
  kind = /** @type {const} */ ("hls");
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
    // The preview has one rung; the finished video, at another prefix, has them all.
    if (this.growing) this.#look = setInterval(() => parts.access.renew(), ASK_IF_DONE);
    parts.access.addEventListener("moved", () => this.#move(), { signal });
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

  /** Begin anew at the same place: after a trouble, or because the files are others now. */
  reopen() {
    const { video, signal } = this.#parts;
    freeze(video, signal);
    const [position, playing] = [video.currentTime, !video.paused];
    clearTimeout(this.#retry);
    this.#hls.destroy();
    this.#hls = new Hls({ ...hlsConfig(this.#parts), autoStartLoad: true });
    this.#failures = this.#mended = 0;
    this.open(position);
    if (playing) video.play().catch(() => {});
  }

  /** From the first press of play on, keep a real buffer. */
  #hurry() {
    Object.assign(this.#hls.config, buffers(true, this.#parts.prefs.get("saver")));
    if (!this.#hls.loadingEnabled) this.#hls.startLoad(this.#hls.config.startPosition);
  }

  /** @param {boolean} live */
  #grow(live) {
    if (!this.growing && !live) return;
    if (!live) this.#parts.access.renew();
    this.growing = live;
    this.tell("growth");
  }

  #move() {
    clearInterval(this.#look);
    this.growing = false;
    this.reopen();
    this.tell("growth");
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
    // The loader has asked for a renewal before it lets a 403 through.
    if (status === 403 && !this.#parts.access.unanswered) return this.#expire();
    if (fatal && (status === 404 || status === 410)) return this.#miss();
    if (fatal || this.#failures > 1) this.tell("trouble", "network");
    if (!fatal) return;
    clearTimeout(this.#retry);
    const wait = Math.min(15_000, 1_000 * 2 ** Math.min(this.#failures, 5));
    this.#retry = setTimeout(() => this.#again(), wait);
  }

  #expire() {
    this.#failures = 0;
    this.#hls.stopLoad();
    this.tell("trouble", "expired");
  }

  /** A preview goes away when the video is finished: then there is a new place. */
  async #miss() {
    const { access, setup } = this.#parts;
    if (!setup.growing || !(await access.renew())) this.tell("trouble", "unavailable");
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
