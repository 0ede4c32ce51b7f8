/**
 * `<wt-keys href="/shortcuts/">`: `?`, or an event "wt-shortcuts", shows that page's
 * content in a dialog; `/` goes to the search field. Keys typed into a field are left alone.
 */
class WtKeys extends HTMLElement {
  connectedCallback() {
    document.addEventListener("keydown", this.#key);
    document.addEventListener("wt-shortcuts", this.#open);
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.#key);
    document.removeEventListener("wt-shortcuts", this.#open);
  }

  /** @param {KeyboardEvent} event */
  #key = (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTyping(event)) return;
    if (event.key === "?") {
      event.preventDefault();
      this.#open();
      return;
    }
    const field = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (field instanceof HTMLElement && field.checkVisibility()) {
      event.preventDefault();
      field.focus();
    }
  };

  #open = async () => {
    const dialog = this.querySelector("dialog") ?? (await this.#load());
    if (dialog && !dialog.open) dialog.showModal();
  };

  async #load() {
    const href = this.getAttribute("href");
    if (!href) return null;
    const answer = await fetch(href);
    if (!answer.ok) return null;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const content = page.getElementById("shortcuts");
    if (!content) return null;
    const dialog = document.createElement("dialog");
    dialog.className = "dialog wide";
    dialog.setAttribute("aria-label", page.querySelector("h1")?.textContent?.trim() ?? "?");
    dialog.setAttribute("closedby", "any");
    dialog.append(document.adoptNode(content));
    this.append(dialog);
    return dialog;
  }
}

/** @param {KeyboardEvent} event */
function isTyping(event) {
  const target = event.composedPath()[0];
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.matches("input, textarea, select");
}

customElements.define("wt-keys", WtKeys);
