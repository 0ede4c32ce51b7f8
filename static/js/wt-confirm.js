/**
 * `<wt-confirm dialog="id">` around a submit button: the press opens the dialog
 * first; its button with the value "yes" goes on. Without this file the form is
 * sent at once, so the server asks again where that matters.
 */
class WtConfirm extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", this.#ask, { capture: true });
  }

  disconnectedCallback() {
    this.removeEventListener("click", this.#ask, { capture: true });
  }

  /** @param {Event} event */
  #ask = (event) => {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    const dialog = document.getElementById(this.getAttribute("dialog") ?? "");
    if (!button || !(dialog instanceof HTMLDialogElement)) return;
    event.preventDefault();
    event.stopPropagation();
    dialog.returnValue = "";
    dialog.addEventListener("close", () => this.#answered(dialog, button), { once: true });
    dialog.showModal();
  };

  /**
   * @param {HTMLDialogElement} dialog
   * @param {HTMLButtonElement} button
   */
  #answered(dialog, button) {
    if (dialog.returnValue !== "yes") return;
    this.dispatchEvent(new CustomEvent("confirmed", { bubbles: true }));
    button.form?.requestSubmit(button);
  }
}

customElements.define("wt-confirm", WtConfirm);
