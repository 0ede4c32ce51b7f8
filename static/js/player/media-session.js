/** Media keys, lock screens and headphones: the browser's Media Session. */

import { on } from "./dom.js";

/** @typedef {import("./stage.js").Stage} Stage */
/** @typedef {import("./actions.js").Actions} Actions */

const STEP = 10; // seconds

/** @param {Stage} stage @param {Actions} actions */
export function joinMediaSession(stage, actions) {
  const session = navigator.mediaSession;
  if (!session) return;
  const { video, setup, element, signal } = stage;
  const artwork = setup.poster ? [{ src: new URL(setup.poster, document.baseURI).href }] : [];
  const handlers = /** @type {Partial<Record<MediaSessionAction, MediaSessionActionHandler>>} */ ({
    play: () => video.play(),
    pause: () => video.pause(),
    seekbackward: ({ seekOffset }) => actions.seekBy(-(seekOffset ?? STEP)),
    seekforward: ({ seekOffset }) => actions.seekBy(seekOffset ?? STEP),
    seekto: ({ seekTime }) => actions.seekTo(seekTime ?? 0),
    nexttrack: element.hasAttribute("next") ? () => actions.next() : null,
  });

  function take() {
    session.metadata = new MediaMetadata({ title: setup.title, artist: setup.channel, artwork });
    for (const [action, handler] of Object.entries(handlers)) {
      session.setActionHandler(/** @type {MediaSessionAction} */ (action), handler ?? null);
    }
  }

  function tellPosition() {
    const { duration, playbackRate, currentTime } = video;
    if (!Number.isFinite(duration) || duration <= 0) return;
    session.setPositionState({ duration, playbackRate, position: Math.min(currentTime, duration) });
  }

  on(video, "play", take, signal);
  on(video, "play seeked ratechange durationchange", tellPosition, signal);
  signal.addEventListener("abort", () => {
    for (const action of Object.keys(handlers)) {
      session.setActionHandler(/** @type {MediaSessionAction} */ (action), null);
    }
  });
}
