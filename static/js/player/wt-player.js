/**
 * `<wt-player>`: plays a video, as an upgrade of the plain `<video controls>` inside it.
 *
 * Attributes (times in seconds; all but `prefix` and one of `hls`, `progressive` may be left out):
 *
 *   prefix       where the files lie: `{gateway}/g/<grant>/ipfs/<cid>`
 *   hls          master playlist under the prefix: `master.m3u8`
 *   progressive  the one MP4 under the prefix, where HLS cannot be played
 *   poster, title, channel   for the picture and for media keys
 *   storyboard   URL of the WebVTT that points into sprites (`name.jpg#xywh=x,y,w,h`)
 *   growing      the video is still being encoded: its playlists are EVENT ones
 *   renew        GET answers `{"prefix": "…", "expires": unix seconds}`; asked at a 403 and ahead of `expires`
 *   expires      unix seconds at which the grant in the prefix ends
 *   video        key of the video: what the viewer's place is remembered by
 *   view-url, token, csrf    POST `token=…` (header X-CSRFToken) after 10 s played, once
 *   watched-url, slip        POST `slip=…&seconds=…` while it plays, for viewers with a monthly pot
 *   orders       POST `client=<PeerId>` answers orders at nodes that sell the film's blocks
 *   refund-url   the viewing was paid: `wt-failed` is sent when it cannot be played
 *   anonymous    send no cookie: whoever watches paid without saying who it is
 *   autoplay     begin at once
 *   next         there is a next video
 *
 * Children: `<video>` with its `<track kind=captions>`s, `<script type="application/json">` with
 * `[{"start": 0, "title": "…"}]` for chapters, `<script type="application/json" data-labels>` with
 * the words of the interface (templates/video/player.html).
 *
 * Events (all bubble): `wt-theatre` {on}, `wt-next`, `wt-shortcuts`, `wt-started` {milliseconds},
 * `wt-failed` {reason, refund}. Attributes it sets for the page and the style sheet: `ready`,
 * `theatre`, `begun`, `paused`, `waiting`, `audio`, `failed`.
 */

import { Actions } from "./actions.js";
import { assemble } from "./assemble.js";
import { markChapters } from "./chapters.js";
import { startIn } from "./clock.js";
import { Figures } from "./figures.js";
import { listenForTaps } from "./gestures.js";
import { layOut } from "./layout.js";
import { joinMediaSession } from "./media-session.js";
import { placeOf, rememberPlace, sayResumed } from "./resume.js";
import { listenForKeys } from "./shortcuts.js";
import { keepState } from "./state.js";
import { showStoryboard } from "./storyboard.js";
import { showTrouble } from "./trouble.js";
import { countView } from "./view.js";
import { reportWatched } from "./watched.js";

/** @typedef {import("./stage.js").Stage} Stage */

export class Player extends HTMLElement {
  /** @type {AbortController | null} */
  #life = null;
  /** @type {Actions | null} */
  #actions = null;
  /** @type {Stage | null} */
  stage = null;

  connectedCallback() {
    if (this.#life) return;
    this.#strip(); // a page taken from history brings the old frame along
    const video = this.querySelector("video");
    if (!video) return;
    this.#life = new AbortController();
    this.#begin(video, this.#life.signal);
  }

  disconnectedCallback() {
    this.#life?.abort();
    this.#life = null;
    this.stage = null;
    this.#strip();
  }

  #strip() {
    const frame = this.querySelector("media-controller");
    const video = frame?.querySelector("video");
    if (video) frame?.replaceWith(video);
  }

  /** @param {number} time seconds */
  seekTo(time) {
    this.#actions?.seekTo(time);
  }

  /** @param {HTMLVideoElement} video @param {AbortSignal} signal */
  #begin(video, signal) {
    const stage = assemble(this, video, signal);
    this.stage = stage;
    const actions = new Actions(stage);
    this.#actions = actions;
    keepState(stage);
    markChapters(stage);
    listenForTaps(stage, actions);
    layOut(stage, actions, new Figures(stage));
    showTrouble(stage);
    listenForKeys(this, actions, signal);
    joinMediaSession(stage, actions);
    countView(stage);
    reportWatched(stage);
    rememberPlace(stage);
    if (stage.prefs.get("theatre")) actions.toggleTheatre();
    this.setAttribute("ready", "");
    this.#start(stage);
    showStoryboard(stage);
  }

  /** @param {Stage} stage */
  #start(stage) {
    const { video, setup, prefs, source, signal } = stage;
    const asked = startIn(location);
    const place = asked === null && prefs.get("resume") ? placeOf(setup.video) : 0;
    source.open(asked ?? place);
    if (place)
      video.addEventListener("playing", () => sayResumed(stage, place), { once: true, signal });
    window.addEventListener(
      "hashchange",
      () => {
        const time = startIn({ hash: location.hash, search: "" });
        if (time !== null) this.seekTo(time);
      },
      { signal },
    );
    // A browser may refuse to play sound unasked; then the big button stands ready.
    if (setup.autoplay) video.play().catch(() => {});
  }
}

customElements.define("wt-player", Player);
