/**
 * `<wt-tabs gateway="…" standing="URL" adopt="URL" person="KEY">`: marks which of the page's
 * tabs (`[data-channel]`) have their key on this device, and gives those a button that takes
 * back what is left. What it says comes from its `data-labels`, into its `data-said`.
 */
import { adopt, refresh } from "./locking.js";
import { labelsOf } from "./page.js";
import { left, Refused, takeBack } from "./paying.js";
import { all } from "./store.js";

const PATIENCE_MS = 120_000;
const LOOK_MS = 1500;

class WtTabs extends HTMLElement {
  /** @type {Record<string, string>} */
  #labels = {};
  /** @type {MutationObserver | undefined} */
  #watch;

  async connectedCallback() {
    this.#labels = labelsOf(this);
    this.hidden = false;
    const [person, url] = [this.getAttribute("person") ?? "", this.getAttribute("adopt") ?? ""];
    await adopt(person, url).catch(() => {});
    await refresh(this.getAttribute("standing") ?? "").catch(() => {});
    await this.#mark();
    this.#watch = new MutationObserver(() => this.#mark());
    const list = document.getElementById("tab-rows")?.parentElement;
    if (list) this.#watch.observe(list, { childList: true });
  }

  disconnectedCallback() {
    this.#watch?.disconnect();
  }

  async #mark() {
    for (const tab of await all("tabs")) {
      const card = document.querySelector(`[data-channel="${CSS.escape(tab.channel)}"]`);
      const here = card?.querySelector("[data-here]");
      if (here instanceof HTMLElement) here.hidden = false;
      const actions = card?.querySelector("[data-actions]");
      if (actions && !actions.childElementCount && left(tab) > 0n) {
        actions.append(this.#button(tab.channel));
      }
    }
  }

  /** @param {string} channel */
  #button(channel) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button";
    button.textContent = this.#labels.take_back;
    button.addEventListener("click", () => this.#press(button, channel));
    return button;
  }

  /**
   * @param {HTMLButtonElement} button
   * @param {string} channel
   */
  async #press(button, channel) {
    button.disabled = true;
    this.#say("taking");
    try {
      await this.#ask(channel);
      this.#say("coming");
      const isThere = await this.#comes(channel);
      this.#say(isThere ? "taken" : "long", isThere ? "success" : "info");
      if (isThere) button.remove();
    } catch (error) {
      button.disabled = false;
      this.#explain(error);
    }
  }

  /**
   * What the chain takes longer for than an answer may wait goes on by itself.
   *
   * @param {string} channel
   */
  async #ask(channel) {
    try {
      await takeBack(channel, { url: `${this.getAttribute("gateway")}/pay/v1/tab` });
    } catch (error) {
      const isUnderWay = error instanceof Refused && error.reason === "settlement_pending";
      if (!isUnderWay) throw error;
    }
  }

  /**
   * Whether the books show within two minutes that nothing is left in the tab.
   *
   * @param {string} channel
   */
  async #comes(channel) {
    for (const end = Date.now() + PATIENCE_MS; Date.now() < end; ) {
      const known = await refresh(this.getAttribute("standing") ?? "").catch(() => []);
      const tab = known.find((each) => each.channel === channel);
      if (tab && left(tab) === 0n) return true;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    return false;
  }

  /** @param {unknown} error */
  #explain(error) {
    if (!(error instanceof Refused)) throw error;
    if (error.reason === "away") return this.#say("away", "error");
    if (error.reason.endsWith("no_balance")) return this.#say("nothing");
    if (error.sentence) return this.#tell(error.sentence, "warning");
    return this.#say("refused", "error");
  }

  /**
   * @param {string} word
   * @param {string} [kind]
   */
  #say(word, kind = "info") {
    this.#tell(this.#labels[word], kind);
  }

  /**
   * @param {string} sentence
   * @param {string} kind
   */
  #tell(sentence, kind) {
    const place = this.querySelector("[data-said]");
    if (!(place instanceof HTMLElement)) return;
    place.className = `notice ${kind}`;
    place.textContent = sentence;
    place.hidden = false;
  }
}

customElements.define("wt-tabs", WtTabs);
