/**
 * The right to read a video's files, and its renewal.
 *
 * The right is a grant in the path: `{gateway}/g/<grant>/ipfs/<cid>/…`. When it
 * ends, the page's `renew` address hands out another prefix for the same files,
 * so every URL that begins with an old prefix is rewritten to the newest. When the
 * new prefix names other files (a preview became the finished video), nothing is
 * rewritten: `moved` is told, and whoever plays begins anew at the same place.
 */

const SOONEST = 5_000; // ms between two renewals, so that a refused grant makes no storm
const LONGEST_TIMER = 2 ** 31 - 1;

/** @typedef {{ prefix?: string, expires?: number, storyboard?: string }} Answer */

/** Events: `renewed`; `moved` (detail: the Answer), in place of `renewed`. */
export class Access extends EventTarget {
  /** @type {string[]} newest first */
  #prefixes;
  #expires;
  #lifetime;
  #renewUrl;
  #credentials;
  #renewedAt = Number.NEGATIVE_INFINITY;
  /** Whether the last question for a renewal went unanswered. */
  unanswered = false;
  /** @type {Promise<boolean> | null} */
  #asking = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {{
   *   prefix: string, renew: string, expires: number, credentials?: RequestCredentials,
   * }} setup
   * @param {AbortSignal} signal
   */
  constructor({ prefix, renew, expires, credentials }, signal) {
    super();
    this.#prefixes = [prefix];
    this.#renewUrl = renew;
    this.#credentials = credentials;
    this.#expires = expires;
    this.#lifetime = expires - Date.now() / 1000;
    this.#renewAhead();
    signal.addEventListener("abort", () => clearTimeout(this.#timer));
  }

  get expired() {
    return this.#expires > 0 && Date.now() / 1000 >= this.#expires;
  }

  /** @param {string} name a file of the video, or any URL @returns {string} where it is now */
  url(name) {
    return this.current(new URL(name, new URL(`${this.#prefixes[0]}/`, document.baseURI)).href);
  }

  /** @param {string} url @returns {string} the same file under the newest prefix */
  current(url) {
    const [newest, ...old] = this.#prefixes;
    const worn = old.find((prefix) => url.startsWith(`${prefix}/`));
    return worn ? newest + url.slice(worn.length) : url;
  }

  /**
   * Ask for a new prefix; several callers share one question.
   *
   * @returns {Promise<boolean>} whether there is a newer one than before
   */
  renew() {
    if (!this.#renewUrl) return Promise.resolve(false);
    if (performance.now() - this.#renewedAt < SOONEST) return Promise.resolve(false);
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #ask() {
    let answer;
    try {
      const response = await fetch(this.#renewUrl, {
        headers: { Accept: "application/json" },
        credentials: this.#credentials,
      });
      this.unanswered = false;
      if (!response.ok) return false;
      answer = /** @type {Answer} */ (await response.json());
    } catch {
      this.unanswered = true;
      return false;
    }
    if (!answer.prefix) return false;
    const prefix = answer.prefix.replace(/\/$/, "");
    const moved = contentOf(prefix) !== contentOf(this.#prefixes[0]);
    const worn = moved ? [] : this.#prefixes.filter((each) => each !== prefix);
    this.#prefixes = [prefix, ...worn].slice(0, 8);
    this.#renewedAt = performance.now();
    this.#expires = answer.expires ?? (this.#expires && Date.now() / 1000 + this.#lifetime);
    this.#renewAhead();
    this.dispatchEvent(new CustomEvent(moved ? "moved" : "renewed", { detail: answer }));
    return true;
  }

  /** Renew when a tenth of the time is left, at most a minute before the end. */
  #renewAhead() {
    clearTimeout(this.#timer);
    if (!this.#expires || !this.#renewUrl) return;
    const left = this.#expires * 1000 - Date.now();
    const wait = Math.max(SOONEST, left - Math.min(60_000, left / 10));
    this.#timer = setTimeout(() => this.renew(), Math.min(wait, LONGEST_TIMER));
  }
}

/** @param {string} prefix @returns {string} what it names, without gateway and grant: `/ipfs/<cid>` */
function contentOf(prefix) {
  return /\/(?:ipfs|live)\/.*$/.exec(prefix)?.[0] ?? prefix;
}
