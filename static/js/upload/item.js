/** One upload: a file, its bytes by tus, and its row with progress and buttons. */
import { Upload } from "tus-js-client";
import { Pace, readableBytes, readableTime } from "./pace.js";
import { UploadRow } from "./row.js";

/** @typedef {import("./site.js").Kept} Kept */
/** @typedef {"waiting" | "running" | "paused" | "lost" | "failed" | "done"} State */

const RETRY_MS = [0, 1000, 3000, 5000, 10_000, 20_000, 30_000, 60_000];

/** Says "changed" when its state is another, "cancelled" when it is given up. */
export class UploadItem extends EventTarget {
  /** @type {State} */
  state = "lost";
  #pace = new Pace();
  /** @type {Upload | undefined} */
  #upload;

  /**
   * @param {Kept} kept
   * @param {HTMLElement} element a copy of the page's template
   * @param {DOMStringMap} words sentences by state
   * @param {boolean} fresh begun just now, so that the gateway holds nothing of it
   */
  constructor(kept, element, words, fresh) {
    super();
    this.kept = kept;
    this.words = words;
    this.fresh = fresh;
    this.row = new UploadRow(element, kept);
    element.addEventListener("click", this.#press);
    this.#to("lost", words.again);
  }

  /**
   * Whether this file is the one whose bytes are missing.
   *
   * @param {File} file
   */
  wants(file) {
    return this.state === "lost" && file.name === this.kept.name && file.size === this.kept.size;
  }

  /**
   * Take the file; it runs when `run` is called.
   *
   * @param {File} file
   */
  take(file) {
    this.#upload = new Upload(file, {
      endpoint: this.kept.endpoint,
      metadata: { filename: file.name },
      chunkSize: Number.POSITIVE_INFINITY,
      retryDelays: RETRY_MS,
      // The gateway keeps the offset under the upload's key, so this browser need not keep a thing.
      storeFingerprintForResuming: false,
      uploadUrl: this.fresh ? null : `${this.kept.endpoint}/${this.kept.key}`,
      onProgress: (sent) => this.#progress(sent),
      onShouldRetry: (error, attempt) => this.#mayRetry(error, attempt),
      onError: () => this.#to("failed", this.words.failed),
      onSuccess: () => this.#arrived(),
    });
    this.#to("waiting", this.words.waiting);
  }

  /** Begin, or go on from the offset the gateway has kept. */
  run() {
    this.#pace.reset();
    this.#to("running", "");
    this.#upload?.start();
  }

  async pause() {
    this.#to("paused", this.words.paused);
    await this.#upload?.abort();
  }

  /** Stop for good and leave the page. */
  async cancel() {
    await this.#upload?.abort();
    this.row.remove();
    this.dispatchEvent(new Event("cancelled"));
  }

  /** @param {Event} event */
  #press = (event) => {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (button?.dataset.act === "pause") this.pause();
    else if (button?.dataset.act === "cancel") this.cancel();
    else if (button?.dataset.act === "resume") this.#to("waiting", this.words.waiting);
  };

  /** @param {number} sent */
  #progress(sent) {
    if (this.state !== "running") return;
    this.#pace.note(sent);
    this.row.fill(sent / this.kept.size);
    const parts = [`${Math.floor((sent / this.kept.size) * 100)} %`];
    const left = this.#pace.secondsLeft(this.kept.size);
    if (Number.isFinite(left)) {
      parts.push(`${readableBytes(this.#pace.speed)}/s`);
      parts.push((this.words.left ?? "{left}").replace("{left}", readableTime(left)));
    }
    this.row.say(parts.join(" · "));
  }

  /**
   * @param {Error | import("tus-js-client").DetailedError} error
   * @param {number} attempt
   */
  #mayRetry(error, attempt) {
    const status = "originalResponse" in error ? (error.originalResponse?.getStatus() ?? 0) : 0;
    if (attempt > 1) this.row.say(this.words.retrying ?? "");
    return status === 0 || status >= 500 || status === 409 || status === 423;
  }

  #arrived() {
    this.row.fill(1);
    this.#to("done", this.words.done);
    this.row.follow();
  }

  /**
   * @param {State} state
   * @param {string | undefined} sentence
   */
  #to(state, sentence) {
    this.state = state;
    this.row.show(state, sentence ?? "");
    this.dispatchEvent(new Event("changed"));
  }
}
