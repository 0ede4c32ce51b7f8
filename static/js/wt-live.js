/**
 * `<wt-live room="video.KEY" poll="URL">`: keeps a page true while it is open. The
 * server sends rendered partials over a WebSocket; each top-level element replaces
 * the one with its id. When sockets fail, the page `poll` names is asked every
 * three seconds instead, and the socket is tried again with growing pauses.
 */
import { swap } from "./swap.js";

const POLL_MS = 3000;
const LONGEST_PAUSE_MS = 60_000;

class WtLive extends HTMLElement {
  /** @type {WebSocket | undefined} */
  #socket;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retry;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #polling;
  #failures = 0;

  connectedCallback() {
    this.#connect();
  }

  disconnectedCallback() {
    clearTimeout(this.#retry);
    clearInterval(this.#polling);
    this.#polling = undefined;
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  #connect() {
    const url = new URL(`/live/${this.getAttribute("room")}/`, location.href);
    url.searchParams.set("language", document.documentElement.lang);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url);
    this.#socket = socket;
    socket.addEventListener("open", () => this.#opened());
    socket.addEventListener("message", (event) => swap(String(event.data)));
    socket.addEventListener("close", (event) => {
      if (socket === this.#socket) this.#closed(event.code);
    });
  }

  #opened() {
    clearInterval(this.#polling);
    this.#polling = undefined;
    // What was pushed between the page and the socket, or while it was away, is asked for once.
    this.#poll();
    this.#failures = 0;
  }

  /** @param {number} code 4403 and 4404 mean: not for this viewer, asking again is useless */
  #closed(code) {
    if (code === 4403 || code === 4404) return;
    this.#failures += 1;
    if (this.getAttribute("poll")) this.#polling ??= setInterval(() => this.#poll(), POLL_MS);
    const pause = Math.min(1000 * 2 ** this.#failures, LONGEST_PAUSE_MS);
    this.#retry = setTimeout(() => this.#connect(), pause * (0.5 + Math.random() / 2));
  }

  async #poll() {
    const url = this.getAttribute("poll");
    if (!url || document.hidden) return;
    try {
      const answer = await fetch(url, { headers: { "X-Requested-With": "wt-live" } });
      if (answer.ok) swap(await answer.text());
    } catch {
      // The server is away; the next round asks again.
    }
  }
}

customElements.define("wt-live", WtLive);
