/** One upload's row on the page: what it says, how full its bar is, what unfolds below. */
import htmx from "htmx";
import { readableBytes } from "./pace.js";

/** @typedef {import("./site.js").Kept} Kept */

export class UploadRow {
  /**
   * @param {HTMLElement} element a copy of the page's template
   * @param {Kept} kept
   */
  constructor(element, kept) {
    this.element = element;
    this.kept = kept;
    this.#write("title", kept.title || kept.name);
    this.#write("size", readableBytes(kept.size));
    element.querySelector("a[data-act=watch]")?.setAttribute("href", kept.watch_url);
    element.querySelector("details")?.addEventListener("toggle", this.#unfold, { once: true });
  }

  /**
   * Show the buttons of this state, and a sentence.
   *
   * @param {string} state
   * @param {string} sentence
   */
  show(state, sentence) {
    this.element.dataset.state = state;
    this.say(sentence);
  }

  /** @param {string} sentence */
  say(sentence) {
    this.#write("say", sentence);
  }

  /** @param {number} fraction 0–1 */
  fill(fraction) {
    const bar = this.element.querySelector("progress");
    if (bar) bar.value = fraction;
  }

  /** From here on, say how far the making of the video is. */
  follow() {
    const live = document.createElement("wt-live");
    live.setAttribute("room", `video.${this.kept.key}`);
    live.setAttribute("poll", `${this.kept.watch_url}status/`);
    const place = document.createElement("div");
    place.id = `status-${this.kept.key}`;
    live.append(place);
    this.#part("status")?.append(live);
  }

  remove() {
    this.element.remove();
  }

  /** The details form is fetched when it is first looked at. */
  #unfold = () => {
    const target = this.#part("details");
    if (target) htmx.ajax("get", `${this.kept.edit_url}?part=details`, { target });
  };

  /**
   * @param {string} part
   * @param {string} text
   */
  #write(part, text) {
    const place = this.#part(part);
    if (place) place.textContent = text;
  }

  /** @param {string} name */
  #part(name) {
    return this.element.querySelector(`[data-part="${name}"]`);
  }
}
