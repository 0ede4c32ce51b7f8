/**
 * `<wt-sheet part="tip" close="Close">` around a link: a press shows the element with
 * that id of the linked page in a dialog; forms in it go on there, as htmx says. When
 * the page cannot be had, and without this file, the link leads where it says.
 */
import htmx from "htmx";

class WtSheet extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", this.#pressed);
  }

  disconnectedCallback() {
    this.removeEventListener("click", this.#pressed);
  }

  /** @param {MouseEvent} event */
  #pressed = async (event) => {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey;
    if (!link || elsewhere || this.querySelector("dialog")?.contains(link)) return;
    event.preventDefault();
    const part = await this.#fetch(link.href);
    if (part) this.#show(part);
    else location.assign(link.href);
  };

  /** @param {string} url */
  async #fetch(url) {
    try {
      const answer = await fetch(url);
      if (!answer.ok) return null;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      return page.getElementById(this.getAttribute("part") ?? "");
    } catch {
      return null; // the server is away; following the link says so
    }
  }

  /** @param {HTMLElement} part */
  #show(part) {
    const dialog = document.createElement("dialog");
    dialog.className = "dialog sheet";
    dialog.setAttribute("closedby", "any");
    dialog.append(this.#closer(dialog), document.adoptNode(part));
    const title = part.querySelector("h1, h2");
    if (title) dialog.setAttribute("aria-label", title.textContent?.trim() ?? "");
    dialog.addEventListener("close", () => dialog.remove());
    this.append(dialog);
    htmx.process(dialog);
    dialog.showModal();
    const first = part.querySelector("input:checked, input:not([type=hidden]), a");
    if (first instanceof HTMLElement) first.focus();
  }

  /** @param {HTMLDialogElement} dialog */
  #closer(dialog) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button quiet compact sheet-close";
    button.textContent = this.getAttribute("close");
    button.addEventListener("click", () => dialog.close());
    return button;
  }
}

customElements.define("wt-sheet", WtSheet);
