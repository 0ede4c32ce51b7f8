/** Putting the stage of a player together: the frame around the video, the source, the choices. */

import { Access } from "./access.js";
import { Captions } from "./captions.js";
import "./chrome.js";
import { Notice } from "./notice.js";
import { Prefs } from "./prefs.js";
import { Qualities } from "./quality.js";
import { readSetup } from "./setup.js";
import { chooseSource } from "./source.js";

/** @typedef {import("./stage.js").Stage} Stage */

/** What media-chrome would do by itself and we do otherwise. */
const OFF = ["nohotkeys", "gesturesdisabled", "novolumepref", "nomutedpref", "nosubtitleslangpref"];

/**
 * @param {HTMLElement} element the `<wt-player>`
 * @param {HTMLVideoElement} video
 * @param {AbortSignal} signal
 * @returns {Stage}
 */
export function assemble(element, video, signal) {
  const setup = readSetup(element);
  const prefs = new Prefs();
  const access = new Access(setup, signal);
  const source = chooseSource({ video, setup, access, prefs, signal });
  return {
    element,
    video,
    setup,
    prefs,
    access,
    source,
    signal,
    say: setup.say,
    controller: frame(video, setup.say("video_player")),
    qualities: new Qualities(source, prefs),
    captions: new Captions(video, prefs, access),
    notice: new Notice(),
  };
}

/** @param {HTMLVideoElement} video @param {string} label */
function frame(video, label) {
  const controller = /** @type {import("media-chrome").MediaController} */ (
    document.createElement("media-controller")
  );
  for (const name of OFF) controller.setAttribute(name, "");
  for (const source of video.querySelectorAll("source")) source.remove();
  video.controls = false;
  video.slot = "media";
  video.tabIndex = -1;
  video.before(controller);
  controller.append(video);
  controller.setAttribute("aria-label", label);
  return controller;
}
