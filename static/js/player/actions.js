/** What a viewer can do; buttons, keys, taps and media keys all call these. */

import { clock } from "./clock.js";

/** @typedef {import("./stage.js").Stage} Stage */

export const SPEEDS = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2];
const FRAME = 1 / 30; // seconds, for stepping where the frame rate is unknown

export class Actions {
  #stage;

  /** @param {Stage} stage */
  constructor(stage) {
    this.#stage = stage;
  }

  togglePlay() {
    const { video } = this.#stage;
    if (video.paused) video.play().catch(() => {});
    else video.pause();
  }

  /** @param {number} time seconds */
  seekTo(time) {
    const { video } = this.#stage;
    const end = Number.isFinite(video.duration) ? video.duration : 0;
    video.currentTime = Math.min(Math.max(0, time), end || time);
  }

  /** @param {number} seconds */
  seekBy(seconds) {
    const { video, notice, say } = this.#stage;
    this.seekTo(video.currentTime + seconds);
    const word = seconds < 0 ? "seconds_back" : "seconds_forward";
    notice.show(say(word, { seconds: Math.abs(seconds) }), seconds < 0 ? "back" : "forward");
  }

  /** @param {number} part of the whole, 0 to 1 */
  seekToPart(part) {
    const { video, notice } = this.#stage;
    if (!Number.isFinite(video.duration)) return;
    this.seekTo(video.duration * part);
    notice.show(clock(video.duration * part));
  }

  /** @param {-1 | 1} direction */
  step(direction) {
    this.#stage.video.pause();
    this.seekTo(this.#stage.video.currentTime + direction * FRAME);
  }

  /** @param {number} change -1 to 1 */
  volumeBy(change) {
    const { video, notice } = this.#stage;
    video.volume = Math.min(1, Math.max(0, Math.round((video.volume + change) * 20) / 20));
    video.muted = video.volume === 0;
    notice.show(`${Math.round(video.volume * 100)} %`, video.muted ? "mute" : "loud");
  }

  toggleMute() {
    const { video, notice, say } = this.#stage;
    video.muted = !video.muted;
    if (!video.muted && video.volume === 0) video.volume = 0.5;
    notice.show(say(video.muted ? "muted" : "sound_on"), video.muted ? "mute" : "loud");
  }

  /** @param {number} speed */
  setSpeed(speed) {
    const { video, prefs } = this.#stage;
    video.defaultPlaybackRate = video.playbackRate = speed;
    prefs.set("speed", speed);
  }

  /** @param {-1 | 1} direction */
  speedBy(direction) {
    const { video, notice } = this.#stage;
    const now = SPEEDS.findIndex((speed) => speed >= video.playbackRate);
    this.setSpeed(SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, now + direction))]);
    notice.show(`${video.playbackRate} ×`, "speed");
  }

  toggleCaptions() {
    const { captions, notice, say } = this.#stage;
    if (!captions.list.length) return notice.show(say("no_captions"), "captions");
    captions.toggle();
    notice.show(captions.chosen?.label ?? say("captions_off"), "captions");
  }

  toggleTheatre() {
    const { element, prefs } = this.#stage;
    const on = element.toggleAttribute("theatre");
    prefs.set("theatre", on);
    this.#tell("wt-theatre", { on });
  }

  toggleFullscreen() {
    const { controller } = this.#stage;
    const full = document.fullscreenElement === controller || this.#isOn("mediaIsFullscreen");
    this.#ask(full ? "mediaexitfullscreenrequest" : "mediaenterfullscreenrequest");
  }

  togglePictureInPicture() {
    const { video } = this.#stage;
    const small = document.pictureInPictureElement === video || this.#isOn("mediaIsPip");
    this.#ask(small ? "mediaexitpiprequest" : "mediaenterpiprequest");
  }

  /** @param {boolean} on */
  setLoop(on) {
    this.#stage.video.loop = on;
  }

  next() {
    this.#tell("wt-next");
  }

  showShortcuts() {
    this.#tell("wt-shortcuts");
  }

  /** @param {"mediaIsFullscreen" | "mediaIsPip"} name @returns {boolean} */
  #isOn(name) {
    return Boolean(this.#stage.controller.mediaStore.getState()[name]);
  }

  /** media-chrome knows each browser's way of doing it. @param {string} request */
  #ask(request) {
    this.#stage.controller.dispatchEvent(
      new CustomEvent(request, { composed: true, bubbles: true }),
    );
  }

  /** @param {string} name @param {unknown} [detail] */
  #tell(name, detail) {
    this.#stage.element.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));
  }
}
