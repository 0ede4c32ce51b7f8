/** The time bar and the volume bar: media-chrome's, speaking the page's language. */

import { MediaTimeRange, MediaVolumeRange } from "./chrome.js";
import { clock } from "./clock.js";

/** @typedef {import("./setup.js").Say} Say */

export class TimeBar extends MediaTimeRange {
  /** @type {Say | undefined} */
  say;

  connectedCallback() {
    super.connectedCallback();
    this.range.setAttribute("aria-label", this.say?.("seek") ?? "");
    this.#speak();
  }

  /** @param {string} name @param {string} before @param {string} after */
  attributeChangedCallback(name, before, after) {
    super.attributeChangedCallback(name, before, after);
    this.#speak();
  }

  #speak() {
    const total = this.mediaSeekableEnd;
    if (!this.say || total === undefined || !Number.isFinite(total)) return;
    const time = this.range.valueAsNumber * total;
    this.range.setAttribute(
      "aria-valuetext",
      this.say("time_of", { time: clock(time), total: clock(total) }),
    );
  }
}

export class VolumeBar extends MediaVolumeRange {
  /** @type {Say | undefined} */
  say;

  connectedCallback() {
    super.connectedCallback();
    this.range.setAttribute("aria-label", this.say?.("volume") ?? "");
  }
}

customElements.define("wt-time-bar", TimeBar);
customElements.define("wt-volume-bar", VolumeBar);
