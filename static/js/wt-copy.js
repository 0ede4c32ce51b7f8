/**
 * `<wt-copy value="…" done="Copied">` around a button: a press copies `value`,
 * or the text of the element `from` names by id, and shows `done` for two seconds.
 */
class WtCopy extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", this);
  }

  disconnectedCallback() {
    this.removeEventListener("click", this);
  }

  /** @param {Event} event */
  handleEvent(event) {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (button) this.#copy(button);
  }

  /** @param {HTMLButtonElement} button */
  async #copy(button) {
    await navigator.clipboard.writeText(this.#text());
    this.dispatchEvent(new CustomEvent("copied", { bubbles: true }));
    const label = button.querySelector("[data-label]") ?? button;
    const before = label.textContent;
    const done = this.getAttribute("done");
    if (!done || before === done) return;
    label.textContent = done;
    setTimeout(() => {
      label.textContent = before;
    }, 2000);
  }

  #text() {
    const source = document.getElementById(this.getAttribute("from") ?? "");
    if (source instanceof HTMLInputElement || source instanceof HTMLTextAreaElement) {
      return source.value;
    }
    return source?.textContent?.trim() ?? this.getAttribute("value") ?? "";
  }
}

customElements.define("wt-copy", WtCopy);
