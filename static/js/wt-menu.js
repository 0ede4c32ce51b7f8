/**
 * `<wt-menu>` around `<details class="menu">`: Escape and a press elsewhere close
 * it, arrow keys walk through its links and buttons. Without this file the
 * details element still opens and closes.
 */
class WtMenu extends HTMLElement {
  connectedCallback() {
    this.addEventListener("keydown", this.#key);
    document.addEventListener("pointerdown", this.#elsewhere);
    document.addEventListener("focusin", this.#elsewhere);
  }

  disconnectedCallback() {
    this.removeEventListener("keydown", this.#key);
    document.removeEventListener("pointerdown", this.#elsewhere);
    document.removeEventListener("focusin", this.#elsewhere);
  }

  get #details() {
    return this.querySelector("details");
  }

  /** @param {Event} event */
  #elsewhere = (event) => {
    if (event.target instanceof Node && this.contains(event.target)) return;
    this.#details?.removeAttribute("open");
  };

  /** @param {KeyboardEvent} event */
  #key = (event) => {
    const details = this.#details;
    if (event.key === "Escape" && details?.open) {
      details.open = false;
      details.querySelector("summary")?.focus();
      event.stopPropagation();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (this.#walk(event.key === "ArrowDown" ? 1 : -1)) event.preventDefault();
    }
  };

  /** @param {1 | -1} step */
  #walk(step) {
    const details = this.#details;
    if (!details) return false;
    details.open = true;
    const items = [...details.querySelectorAll("a[href], button:not(:disabled)")].filter(
      (item) => item instanceof HTMLElement && item.checkVisibility(),
    );
    const now = items.indexOf(document.activeElement ?? details);
    const from = now < 0 && step < 0 ? 0 : now;
    const next = items[(from + step + items.length) % items.length];
    if (next instanceof HTMLElement) next.focus();
    return true;
  }
}

customElements.define("wt-menu", WtMenu);
