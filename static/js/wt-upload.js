/**
 * `<wt-upload start unfinished csrf most>`: files dropped or chosen go up by tus, two
 * at a time. What an earlier visit left unfinished is listed; the same file chosen
 * again goes on where it stopped, after a reload, a crash or on another day.
 */
import { UploadItem } from "./upload/item.js";
import { Refused, Site } from "./upload/site.js";

/** @typedef {import("./upload/site.js").Kept} Kept */

const AT_ONCE = 2;

class WtUpload extends HTMLElement {
  /** @type {UploadItem[]} */
  #items = [];
  #site = new Site(this);

  connectedCallback() {
    this.addEventListener("change", this.#chosen);
    this.addEventListener("dragover", this.#over);
    this.addEventListener("dragleave", this.#leave);
    this.addEventListener("drop", this.#dropped);
    window.addEventListener("beforeunload", this.#guard);
    window.addEventListener("online", this.#online);
    this.#recall();
  }

  disconnectedCallback() {
    window.removeEventListener("beforeunload", this.#guard);
    window.removeEventListener("online", this.#online);
    for (const item of this.#items) item.pause();
  }

  /** @param {Event} event */
  #chosen = (event) => {
    const input = event.target;
    if (!(input instanceof HTMLInputElement) || input.type !== "file" || !input.files) return;
    if (!input.matches('[name="files"], [data-part="again"]')) return;
    this.#add([...input.files]);
    input.value = "";
  };

  /** @param {DragEvent} event */
  #over = (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.toggleAttribute("dragging", true);
  };

  #leave = () => this.toggleAttribute("dragging", false);

  /** @param {DragEvent} event */
  #dropped = (event) => {
    event.preventDefault();
    this.#leave();
    this.#add([...(event.dataTransfer?.files ?? [])]);
  };

  /** @param {BeforeUnloadEvent} event */
  #guard = (event) => {
    if (this.#items.some((item) => item.state === "running")) event.preventDefault();
  };

  #online = () => {
    for (const item of this.#items) if (item.state === "failed") item.run();
  };

  async #recall() {
    for (const kept of await this.#site.unfinished()) this.#list(kept);
  }

  /** @param {File[]} files */
  async #add(files) {
    for (const file of files) {
      const item = this.#items.find((known) => known.wants(file)) ?? (await this.#begin(file));
      item?.take(file);
    }
  }

  /** @param {File} file */
  async #begin(file) {
    const refusal = this.#refusal(file);
    if (refusal) return this.#refuse(file, refusal);
    const field = this.querySelector('[name="channel"]');
    const channel =
      field instanceof HTMLSelectElement || field instanceof HTMLInputElement ? field.value : "";
    try {
      return this.#list(await this.#site.begin(file, channel), { fresh: true });
    } catch (error) {
      if (error instanceof Refused) return this.#refuse(file, error.message);
      if (error instanceof TypeError) return this.#refuse(file, this.dataset.offline ?? "");
      throw error;
    }
  }

  /** @param {File} file */
  #refusal(file) {
    if (file.size === 0) return this.dataset.empty;
    return file.size > Number(this.getAttribute("most")) ? this.dataset.large : "";
  }

  /**
   * @param {Kept} kept
   * @param {{fresh?: boolean}} [how] a fresh one stands first, with its details open
   */
  #list(kept, { fresh = false } = {}) {
    const template = this.querySelector("template");
    const copy = template && document.importNode(template.content, true);
    const row = copy?.querySelector("article");
    if (!row) return undefined;
    const item = new UploadItem(kept, row, this.dataset, fresh);
    row.querySelector("details")?.toggleAttribute("open", fresh);
    this.querySelector("[data-list]")?.[fresh ? "prepend" : "append"](row);
    item.addEventListener("changed", () => this.#next());
    item.addEventListener("cancelled", () => this.#drop(item));
    this.#items.push(item);
    return item;
  }

  #next() {
    const running = this.#items.filter((item) => item.state === "running").length;
    const waiting = this.#items.filter((item) => item.state === "waiting");
    for (const item of waiting.slice(0, Math.max(0, AT_ONCE - running))) item.run();
  }

  /** @param {UploadItem} item */
  #drop(item) {
    this.#items = this.#items.filter((other) => other !== item);
    this.#site.cancel(item.kept.key);
    this.#next();
  }

  /**
   * @param {File} file
   * @param {string} sentence
   */
  #refuse(file, sentence) {
    const notice = document.createElement("div");
    notice.className = "notice error";
    notice.setAttribute("role", "alert");
    notice.textContent = `${file.name}: ${sentence}`;
    this.querySelector("[data-list]")?.prepend(notice);
    return undefined;
  }
}

customElements.define("wt-upload", WtUpload);
