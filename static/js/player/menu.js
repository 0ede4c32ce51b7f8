/** A menu over the picture: pages of rows, by mouse, touch and keyboard. */

import { make } from "./dom.js";
import { icon } from "./icons.js";

/** @typedef {import("./stage.js").Stage} Stage */

/**
 * @typedef {object} Row
 * @property {"more" | "choice" | "switch"} kind
 * @property {string} label
 * @property {string} [value] what is chosen now, at the end of the row
 * @property {string} [picture] name of an icon
 * @property {boolean} [on] for choices and switches
 * @property {() => void} [act]
 * @property {() => Page} [page] where "more" leads
 */

/** @typedef {{ title: string, rows: Row[], note?: string }} Page */

const ROLES = { more: "menuitem", choice: "menuitemradio", switch: "menuitemcheckbox" };

export class Menu {
  element = make("div", { class: "wt-menu", noautohide: true, hidden: true });
  #stage;
  /** @type {(() => Page)[]} the pages on the way to the one shown */
  #path = [];
  /** @type {HTMLElement | null} */
  #opener = null;

  /** @param {Stage} stage */
  constructor(stage) {
    this.#stage = stage;
    this.element.addEventListener("keydown", (event) => this.#key(event));
    const outside = (/** @type {Event} */ event) => {
      const inside = event.composedPath();
      if (!inside.includes(this.element) && !(this.#opener && inside.includes(this.#opener)))
        this.close();
    };
    document.addEventListener("pointerdown", outside, { signal: stage.signal });
  }

  /** @param {HTMLElement} opener the button, which gets the focus back @param {() => Page} page */
  toggle(opener, page) {
    const again = this.#opener === opener;
    this.close();
    if (again) return;
    this.#opener = opener;
    this.#path = [page];
    this.element.hidden = false;
    this.element.dataset.name = opener.dataset.name;
    opener.setAttribute("aria-expanded", "true");
    this.#stage.controller.autohide = "-1";
    this.#draw();
  }

  close() {
    if (!this.#opener) return;
    const hadFocus = this.element.contains(document.activeElement);
    this.#opener.setAttribute("aria-expanded", "false");
    if (hadFocus) this.#opener.focus();
    this.#opener = null;
    this.element.hidden = true;
    this.#stage.controller.autohide = "2";
  }

  /** Draw the page again, as the choices changed; the focus stays on its row. */
  refresh() {
    if (this.#opener)
      this.#draw(this.#rows.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement)));
  }

  get #rows() {
    return [...this.element.querySelectorAll("button")].filter((row) => row.checkVisibility());
  }

  /** @param {number} [focus] index of the row to focus; by default the one that is on, else the first */
  #draw(focus) {
    const { title, rows, note } = this.#path[this.#path.length - 1]();
    const list = make(
      "div",
      { role: "menu", "aria-label": title },
      rows.map((row) => this.#row(row)),
    );
    const foot = note ? [make("p", { class: "wt-menu-note" }, [note])] : [];
    this.element.replaceChildren(this.#head(title), list, ...foot);
    if (focus === -1) return;
    const chosen = list.querySelector('[role="menuitemradio"][aria-checked="true"]');
    const row = focus === undefined ? (chosen ?? list.querySelector("button")) : this.#rows[focus];
    /** @type {HTMLElement | null} */ (row)?.focus();
  }

  /** Back to the page before; on the first page, where only a phone shows it, out. @param {string} title */
  #head(title) {
    const first = this.#path.length === 1;
    const named = { type: "button", class: `wt-menu-head ${first ? "first" : ""}` };
    const button = make("button", named, [icon(first ? "close" : "less"), title]);
    button.addEventListener("click", () => this.#back());
    return button;
  }

  /** @param {Row} row */
  #row({ kind, label, value, picture, on, act, page }) {
    const button = make("button", {
      type: "button",
      role: ROLES[kind],
      tabindex: "-1",
      "aria-checked": kind === "more" ? null : String(Boolean(on)),
      "aria-haspopup": kind === "more" ? "true" : null,
    });
    const lead = kind === "choice" ? icon("tick") : picture ? icon(picture) : "";
    const tail =
      kind === "switch" ? make("i", { class: "wt-switch" }) : kind === "more" ? icon("more") : "";
    const words = [make("span", {}, [label]), make("small", {}, [value ?? ""])];
    button.append(...[lead, ...words, tail].filter(Boolean));
    button.addEventListener("click", () => {
      if (page) this.#path.push(page);
      act?.();
      if (kind === "choice") this.#back();
      else this.#draw(kind === "switch" ? this.#rows.indexOf(button) : undefined);
    });
    return button;
  }

  #back() {
    this.#path.pop();
    if (this.#path.length) this.#draw();
    else this.close();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const rows = this.#rows;
    const at = rows.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    event.stopPropagation();
    if (to !== undefined) rows.at(to % rows.length)?.focus();
    else if (event.key === "Escape" || event.key === "ArrowLeft") this.#back();
    else if (event.key === "ArrowRight") rows[at]?.click();
    else if (event.key === "Tab") this.close();
    else return;
    if (event.key !== "Tab") event.preventDefault();
  }
}
