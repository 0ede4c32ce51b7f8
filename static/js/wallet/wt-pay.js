/**
 * `<wt-pay url="URL" price="DROPS" video="KEY" screen="URL">`: pays a film from a tab of this
 * device and puts the player in the place of the price. Shows itself only where there is a tab;
 * a film whose ticket this device still has plays without paying again. Inside: a button
 * `data-pay`, `data-low` for a tab with too little, `data-said`; its words are `data-labels`.
 */
import "../wt-refund.js";
import { coins, filled, labelsOf } from "./page.js";
import { left, pay, Refused } from "./paying.js";
import { all, find, forget, keep } from "./store.js";

const TICKET_HOURS = 24;

class WtPay extends HTMLElement {
  /** @type {Record<string, string>} */
  #labels = {};
  /** @type {import("./store.js").TabRecord | undefined} */
  #tab;
  #price = 0n;

  async connectedCallback() {
    this.#labels = labelsOf(this);
    this.#price = BigInt(this.getAttribute("price") ?? 0);
    this.querySelector("[data-pay]")?.addEventListener("click", () => this.#press());
    if (await this.#reuse()) return;
    await this.#offer();
  }

  /** Whether a ticket of this device still opens the film. */
  async #reuse() {
    const kept = await find("tickets", this.#video);
    if (!kept) return false;
    if (kept.until > Date.now() && (await this.#play(kept.ticket, { at: "once" }))) return true;
    await forget("tickets", this.#video);
    return false;
  }

  /** Of this device's tabs, the fullest. */
  async #offer() {
    /** @type {import("./store.js").TabRecord[]} */
    const tabs = await all("tabs");
    const [tab] = tabs.sort((one, other) => (left(one) < left(other) ? 1 : -1));
    this.#tab = tab;
    this.hidden = !tab;
    if (!tab) return;
    const enough = left(tab) >= this.#price;
    const button = this.querySelector("[data-pay]");
    if (button instanceof HTMLElement) {
      button.hidden = !enough;
      button.textContent = filled(this.#labels.pay, { price: coins(this.#price) });
    }
    const low = this.querySelector("[data-low]");
    if (low instanceof HTMLElement) low.hidden = left(tab) >= 2n * this.#price;
    const words = low?.querySelector("span");
    if (words) words.textContent = filled(this.#labels.too_little, { left: coins(left(tab)) });
    this.#say(enough ? filled(this.#labels.left, { left: coins(left(tab)) }) : "");
  }

  async #press() {
    if (!this.#tab || this.hasAttribute("aria-busy")) return;
    this.setAttribute("aria-busy", "true");
    this.#say(this.#labels.paying);
    try {
      const answer = await pay(this.#tab.channel, {
        url: this.getAttribute("url") ?? "",
        price: this.#price,
      });
      const { ticket } = await answer.json();
      const until = Date.now() + TICKET_HOURS * 3_600_000;
      await keep("tickets", { video: this.#video, ticket, until });
      if (!(await this.#play(ticket, { at: "play" }))) location.reload();
    } catch (error) {
      await this.#explain(error);
    } finally {
      this.removeAttribute("aria-busy");
    }
  }

  /**
   * Put the player where the price was; whether the ticket opens the film.
   *
   * @param {string} ticket
   * @param {{ at: "once" | "play" }} how
   */
  async #play(ticket, { at }) {
    const url = new URL(this.getAttribute("screen") ?? "", location.href);
    url.searchParams.set("ticket", ticket);
    if (at === "play") url.searchParams.set("play", "");
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.status !== 200) return false;
    const screen = this.closest(".watch-screen");
    const received = new DOMParser().parseFromString(await answer.text(), "text/html").body;
    const note = received.querySelector(".receipt-note");
    const place = document.querySelector(".watch-bar");
    if (note && place) place.after(document.adoptNode(note));
    const paid = received.querySelector(".price");
    const price = document.querySelector(".watch-facts .price");
    if (paid && price) price.replaceWith(document.adoptNode(paid));
    screen?.replaceChildren(...[...received.childNodes].map((node) => document.adoptNode(node)));
    await showLeft(this.#tab?.channel, this.#labels.left);
    return true;
  }

  /** @param {unknown} error */
  async #explain(error) {
    if (!(error instanceof Refused)) {
      this.#say(this.#labels.failed);
      throw error;
    }
    if (error.price !== undefined) this.#price = error.price;
    await this.#offer();
    const values = { price: coins(this.#price), left: coins(this.#tab ? left(this.#tab) : 0n) };
    const word = this.#labels[error.reason] ?? (error.sentence || this.#labels.failed);
    this.#say(filled(word, values));
  }

  get #video() {
    return this.getAttribute("video") ?? "";
  }

  /** @param {string} sentence */
  #say(sentence) {
    const place = this.querySelector("[data-said]");
    if (place) place.textContent = sentence;
  }
}

/**
 * What is left in the tab, beside the receipt.
 *
 * @param {string | undefined} channel
 * @param {string} words
 */
async function showLeft(channel, words) {
  const tab = channel && (await find("tabs", channel));
  const place = document.querySelector(".receipt-note [data-left]");
  if (tab && place) place.textContent = filled(words, { left: coins(left(tab)) });
}

customElements.define("wt-pay", WtPay);
