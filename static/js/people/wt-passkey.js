/**
 * `<wt-passkey options="…" answer="…" failed="…">` around a button: a press asks the
 * browser for a passkey and sends it to the server; with `add` it makes a new one,
 * named by the input inside. What went wrong is said in `data-said`. The element
 * is `hidden` until it is known that this browser has passkeys at all.
 */
import { create, get, supported } from "./credentials.js";

class WtPasskey extends HTMLElement {
  connectedCallback() {
    if (!supported) return;
    this.hidden = false;
    this.querySelector("button")?.addEventListener("click", this.#press);
  }

  disconnectedCallback() {
    this.querySelector("button")?.removeEventListener("click", this.#press);
  }

  #press = async () => {
    this.#say("");
    this.setAttribute("aria-busy", "true");
    try {
      await this.#ask();
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      this.#say(this.getAttribute("failed") ?? "");
    } finally {
      this.removeAttribute("aria-busy");
    }
  };

  async #ask() {
    const options = await this.#post("options", {});
    if (!options) return;
    const answer = this.hasAttribute("add") ? await create(options) : await get(options);
    const done = await this.#post("answer", {
      ...answer,
      name: this.querySelector("input")?.value,
    });
    if (done) location.assign(done.next);
  }

  /**
   * The server's JSON, or nothing when it refused (and said why) or first wants
   * to know who this is (and the browser goes there).
   *
   * @param {string} where
   * @param {object} body
   */
  async #post(where, body) {
    const response = await fetch(this.getAttribute(where) ?? "", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken() },
      body: JSON.stringify(body),
    });
    if (response.redirected) {
      location.assign(response.url);
      return undefined;
    }
    const said = await response.json();
    if (response.ok) return said;
    this.#say(said.error);
    return undefined;
  }

  /** @param {string} sentence */
  #say(sentence) {
    const place = this.querySelector("[data-said]");
    if (place) place.textContent = sentence;
  }
}

/** The token that stands in every form of the page. */
function csrfToken() {
  const field = document.querySelector("input[name=csrfmiddlewaretoken]");
  return field instanceof HTMLInputElement ? field.value : "";
}

customElements.define("wt-passkey", WtPasskey);
