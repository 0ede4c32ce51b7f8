/**
 * `<wt-theme>` around three buttons with the values system, light and dark.
 * The choice is a cookie, so that the server writes the page in it from the first byte.
 */
const YEAR = 31_536_000;

class WtTheme extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", this);
    this.#show(document.documentElement.dataset.theme ?? "system");
  }

  disconnectedCallback() {
    this.removeEventListener("click", this);
  }

  /** @param {Event} event */
  handleEvent(event) {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (button) this.#choose(button.value);
  }

  /** @param {string} theme */
  #choose(theme) {
    const root = document.documentElement;
    if (theme === "system") delete root.dataset.theme;
    else root.dataset.theme = theme;
    const age = theme === "system" ? 0 : YEAR;
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in half of the browsers.
    document.cookie = `theme=${theme}; path=/; max-age=${age}; samesite=lax`;
    this.#show(theme);
  }

  /** @param {string} theme */
  #show(theme) {
    for (const button of this.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.value === theme));
    }
  }
}

customElements.define("wt-theme", WtTheme);
