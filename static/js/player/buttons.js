/** The buttons of the player, each showing what a press will do. */

import { make, on } from "./dom.js";
import { icon } from "./icons.js";

/** @typedef {import("./stage.js").Stage} Stage */
/** @typedef {import("./actions.js").Actions} Actions */

/**
 * @param {string} name
 * @param {{ picture: string, label: string, key?: string, press: (button: HTMLButtonElement) => void }} parts
 */
export function makeButton(name, { picture, label, key, press }) {
  const button = make("button", { type: "button", class: "wt-button", "data-name": name });
  dress(button, picture, label, key);
  button.addEventListener("click", () => press(button));
  return button;
}

/** @param {HTMLElement} button @param {string} picture @param {string} label @param {string} [key] */
export function dress(button, picture, label, key) {
  if (button.dataset.picture !== picture) button.replaceChildren(icon(picture));
  button.dataset.picture = picture;
  button.setAttribute("aria-label", label);
  button.dataset.tip = key ? `${label} (${key})` : label;
}

/** @param {Stage} stage @param {Actions} actions */
export function playButton({ video, say, signal }, actions) {
  const button = makeButton("play", {
    picture: "play",
    label: say("play"),
    key: "k",
    press: () => actions.togglePlay(),
  });
  const show = () => {
    if (video.ended) dress(button, "replay", say("replay"), "k");
    else if (video.paused) dress(button, "play", say("play"), "k");
    else dress(button, "pause", say("pause"), "k");
  };
  on(video, "play pause ended seeked emptied", show, signal);
  return button;
}

/** @param {Stage} stage @param {Actions} actions */
export function muteButton({ video, say, signal }, actions) {
  const button = makeButton("mute", {
    picture: "loud",
    label: say("mute"),
    key: "m",
    press: () => actions.toggleMute(),
  });
  const show = () => {
    const silent = video.muted || video.volume === 0;
    const picture = silent ? "mute" : video.volume < 0.5 ? "soft" : "loud";
    dress(button, picture, say(silent ? "unmute" : "mute"), "m");
  };
  on(video, "volumechange", show, signal);
  show();
  return button;
}

/** @param {Stage} stage @param {Actions} actions */
export function captionsButton({ video, say, captions, signal }, actions) {
  const button = makeButton("captions", {
    picture: "captions",
    label: say("captions"),
    key: "c",
    press: () => actions.toggleCaptions(),
  });
  const show = () => {
    button.hidden = captions.list.length === 0;
    button.setAttribute("aria-pressed", String(Boolean(captions.chosen)));
  };
  on(video.textTracks, "change addtrack removetrack", show, signal);
  show();
  return button;
}

/** @param {Stage} stage @param {Actions} actions */
export function theatreButton({ element, say, signal }, actions) {
  const button = makeButton("theatre", {
    picture: "theatre",
    label: say("theatre"),
    key: "t",
    press: () => actions.toggleTheatre(),
  });
  const show = () => {
    const wide = element.hasAttribute("theatre");
    dress(button, wide ? "narrow" : "theatre", say(wide ? "theatre_exit" : "theatre"), "t");
  };
  on(element, "wt-theatre", show, signal);
  show();
  return button;
}

/** @param {Stage} stage @param {Actions} actions */
export function fullscreenButton({ controller, say, signal }, actions) {
  const button = makeButton("fullscreen", {
    picture: "fullscreen",
    label: say("fullscreen"),
    key: "f",
    press: () => actions.toggleFullscreen(),
  });
  on(
    controller,
    "mediaisfullscreen",
    (event) => {
      const full = /** @type {CustomEvent<boolean>} */ (event).detail;
      dress(
        button,
        full ? "window" : "fullscreen",
        say(full ? "fullscreen_exit" : "fullscreen"),
        "f",
      );
    },
    signal,
  );
  return button;
}

/** @param {Stage} stage @param {Actions} actions */
export function pictureInPictureButton({ controller, video, say, signal }, actions) {
  const button = makeButton("pip", {
    picture: "pip",
    label: say("pip"),
    key: "i",
    press: () => actions.togglePictureInPicture(),
  });
  button.hidden = !document.pictureInPictureEnabled && !("webkitSetPresentationMode" in video);
  on(
    controller,
    "mediaispip",
    (event) => {
      const small = /** @type {CustomEvent<boolean>} */ (event).detail;
      button.setAttribute("aria-pressed", String(small));
      dress(button, "pip", say(small ? "pip_exit" : "pip"), "i");
    },
    signal,
  );
  return button;
}
