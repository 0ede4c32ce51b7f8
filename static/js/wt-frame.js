/**
 * `<wt-frame>` around a `<video>` and a field `[name=seconds]`: the field follows the
 * picture that is shown, and the video follows the field.
 */
class WtFrame extends HTMLElement {
  connectedCallback() {
    this.querySelector("video")?.addEventListener("seeked", this.#shown);
    this.querySelector("video")?.addEventListener("pause", this.#shown);
    this.addEventListener("input", this.#typed);
  }

  get #field() {
    const field = this.querySelector('[name="seconds"]');
    return field instanceof HTMLInputElement ? field : null;
  }

  #shown = () => {
    const [field, video] = [this.#field, this.querySelector("video")];
    if (field && video) field.value = video.currentTime.toFixed(2);
  };

  #typed = () => {
    const [field, video] = [this.#field, this.querySelector("video")];
    if (field && video && field.value) video.currentTime = Number(field.value);
  };
}

customElements.define("wt-frame", WtFrame);
