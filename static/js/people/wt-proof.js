/**
 * `<wt-proof challenge="…" worker="…">` inside a form does a proof of work while
 * the form is being filled in, and adds it as the field `proof`. Sent too early,
 * the form waits and shows the element with `data-working`. If the browser cannot
 * do the work the form goes without it, and the server lets its sender wait.
 */
class WtProof extends HTMLElement {
  /** @type {Worker | undefined} */
  #worker;
  /** @type {HTMLElement | null} the button that sent the form too early */
  #waiting = null;

  connectedCallback() {
    const challenge = this.getAttribute("challenge") ?? "";
    const [id, bits] = challenge.split(".");
    this.#worker = new Worker(this.getAttribute("worker") ?? "", { type: "module" });
    this.#worker.addEventListener("message", (event) => this.#done(`${challenge}.${event.data}`));
    this.#worker.addEventListener("error", () => this.#done(""));
    const library = import.meta.resolve("hash-wasm");
    this.#worker.postMessage({ id, bits: Number(bits), library });
    this.closest("form")?.addEventListener("submit", this.#hold);
  }

  disconnectedCallback() {
    this.#worker?.terminate();
    this.closest("form")?.removeEventListener("submit", this.#hold);
  }

  /** @param {SubmitEvent} event */
  #hold = (event) => {
    if (!this.#worker) return;
    event.preventDefault();
    this.#waiting = event.submitter ?? this;
    this.setAttribute("aria-busy", "true");
    this.querySelector("[data-working]")?.removeAttribute("hidden");
  };

  /** @param {string} proof */
  #done(proof) {
    this.#worker?.terminate();
    this.#worker = undefined;
    const field = Object.assign(document.createElement("input"), { type: "hidden", name: "proof" });
    field.value = proof;
    this.append(field);
    this.dispatchEvent(new CustomEvent("proven", { bubbles: true }));
    if (this.#waiting) this.closest("form")?.requestSubmit();
  }
}

customElements.define("wt-proof", WtProof);
