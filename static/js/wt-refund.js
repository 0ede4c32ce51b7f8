/**
 * `<wt-refund>` around the form that gives a viewer's coin back: when the player of
 * this page says that a paid viewing failed for good (`wt-failed` with `refund`),
 * the form sends itself once, and the page comes back with the answer.
 */
class WtRefund extends HTMLElement {
  #sent = false;

  connectedCallback() {
    document.addEventListener("wt-failed", this.#ask);
  }

  disconnectedCallback() {
    document.removeEventListener("wt-failed", this.#ask);
  }

  /** @param {Event} event */
  #ask = (event) => {
    const failed = /** @type {CustomEvent<{refund?: string}>} */ (event).detail;
    const form = this.querySelector("form");
    if (this.#sent || !failed?.refund || !form) return;
    this.#sent = true;
    form.submit();
  };
}

customElements.define("wt-refund", WtRefund);
