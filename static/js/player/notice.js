/** The short word over the picture: what a key or a tap just did. */

import { make } from "./dom.js";
import { icon } from "./icons.js";

const SHOWN = 900; // ms
const SHOWN_WITH_BUTTON = 7_000; // ms

export class Notice {
  element = make("div", { class: "wt-notice", role: "status", noautohide: true });
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {string} text @param {string} [picture] name of an icon */
  show(text, picture) {
    this.#fill([...(picture ? [icon(picture)] : []), make("span", {}, [text])], SHOWN);
  }

  /** @param {string} text @param {string} label @param {() => void} act */
  offer(text, label, act) {
    const button = make("button", { type: "button" }, [label]);
    button.addEventListener("click", () => {
      act();
      this.#hide();
    });
    this.#fill([make("span", {}, [text]), button], SHOWN_WITH_BUTTON);
  }

  /** @param {Node[]} children @param {number} time */
  #fill(children, time) {
    clearTimeout(this.#timer);
    this.element.replaceChildren(...children);
    this.element.classList.add("shown");
    this.#timer = setTimeout(() => this.#hide(), time);
  }

  #hide() {
    this.element.classList.remove("shown");
    this.element.replaceChildren();
  }
}
