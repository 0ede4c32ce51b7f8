/**
 * `<wt-seek>` around links with `data-seek="90"`: the page's video goes there without
 * loading the page again. Without a video the links lead where they say.
 */
class WtSeek extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", this.#seek);
  }

  disconnectedCallback() {
    this.removeEventListener("click", this.#seek);
  }

  /** @param {MouseEvent} event */
  #seek = (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[data-seek]") : null;
    const video = document.querySelector("video");
    if (!(link instanceof HTMLElement) || !video || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    video.currentTime = Number(link.dataset.seek);
    video.scrollIntoView({ block: "center" });
    video.play().catch(() => {
      // The browser wants a press on the player first; the time is set already.
    });
  };
}

customElements.define("wt-seek", WtSeek);
