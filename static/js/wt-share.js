/**
 * `<wt-share>` around a read-only field `[name=link]`, a checkbox `[name=start]` and
 * a field `[name=at]` (1:02 or seconds): the link follows them. The time comes from
 * the page's `<video>` when the box is ticked. A button `[data-native]` appears
 * where the system has a share sheet.
 */
class WtShare extends HTMLElement {
  connectedCallback() {
    this.addEventListener("input", this.#write);
    const native = this.querySelector("[data-native]");
    if (native instanceof HTMLElement && "share" in navigator) {
      native.hidden = false;
      native.addEventListener("click", this.#hand);
    }
  }

  disconnectedCallback() {
    this.removeEventListener("input", this.#write);
  }

  /** @param {string} name */
  #field(name) {
    const field = this.querySelector(`[name="${name}"]`);
    return field instanceof HTMLInputElement ? field : null;
  }

  /** @param {Event} event */
  #write = (event) => {
    const [link, start, at] = [this.#field("link"), this.#field("start"), this.#field("at")];
    if (!link || !start || !at) return;
    if (event.target === start && start.checked) at.value = clock(playedSeconds());
    at.disabled = !start.checked;
    const url = new URL(link.value);
    url.searchParams.delete("t");
    const seconds = parseClock(at.value);
    if (start.checked && seconds > 0) url.searchParams.set("t", String(seconds));
    link.value = url.href;
  };

  #hand = () => {
    const url = this.#field("link")?.value;
    navigator.share({ title: document.title, url }).catch(() => {
      // The person closed the sheet: nothing to do.
    });
  };
}

function playedSeconds() {
  return Math.floor(document.querySelector("video")?.currentTime ?? 0);
}

/** @param {number} seconds */
function clock(seconds) {
  const minutes = Math.floor(seconds / 60);
  const rest = String(seconds % 60).padStart(2, "0");
  if (minutes < 60) return `${minutes}:${rest}`;
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${rest}`;
}

/** @param {string} text 90, 1:30 or 1:01:30 */
function parseClock(text) {
  const parts = text.split(":").map(Number);
  return parts.some(Number.isNaN) ? 0 : Math.floor(parts.reduce((sum, part) => sum * 60 + part, 0));
}

customElements.define("wt-share", WtShare);
