/**
 * `<wt-time><time datetime="2026-11-23T10:00:00Z">23 Nov 2026</time></wt-time>`
 * says how long ago that was in the page's language; the date stays as a title.
 */
const UNITS = /** @type {const} */ ([
  ["year", 31_557_600],
  ["month", 2_629_800],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
]);

class WtTime extends HTMLElement {
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;

  connectedCallback() {
    this.#say();
    this.#timer = setInterval(() => this.#say(), 60_000);
  }

  disconnectedCallback() {
    clearInterval(this.#timer);
  }

  #say() {
    const time = this.querySelector("time");
    const moment = Date.parse(time?.dateTime ?? "");
    if (!time || Number.isNaN(moment)) return;
    time.title ||= time.textContent?.trim() ?? "";
    time.textContent = relative((moment - Date.now()) / 1000, document.documentElement.lang);
  }
}

/**
 * @param {number} seconds from now; negative lies in the past
 * @param {string} language
 */
function relative(seconds, language) {
  const format = new Intl.RelativeTimeFormat(language || "en", { numeric: "auto" });
  for (const [unit, size] of UNITS) {
    if (Math.abs(seconds) >= size) return format.format(Math.trunc(seconds / size), unit);
  }
  return format.format(0, "second");
}

customElements.define("wt-time", WtTime);
