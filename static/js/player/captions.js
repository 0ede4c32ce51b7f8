/** Captions: the page's `<track>`s, one shown at a time, the language remembered. */

/** @typedef {import("./prefs.js").Prefs} Prefs */
/** @typedef {import("./access.js").Access} Access */

export class Captions {
  #video;
  #prefs;

  /** @param {HTMLVideoElement} video @param {Prefs} prefs @param {Access} access */
  constructor(video, prefs, access) {
    this.#video = video;
    this.#prefs = prefs;
    this.choose(prefs.get("captions"));
    access.addEventListener("renewed", () => this.#readdress(access));
  }

  /** @returns {TextTrack[]} */
  get list() {
    return [...this.#video.textTracks].filter(({ kind }) =>
      ["captions", "subtitles"].includes(kind),
    );
  }

  /** @returns {TextTrack | undefined} */
  get chosen() {
    return this.list.find(({ mode }) => mode === "showing");
  }

  /** @param {string} language "" for none */
  choose(language) {
    for (const track of this.list)
      track.mode = track.language === language ? "showing" : "disabled";
  }

  /** As `choose`, and the next video begins so. @param {string} language */
  remember(language) {
    this.choose(language);
    this.#prefs.set("captions", language);
  }

  toggle() {
    const wanted = this.#prefs.get("captions");
    const first = this.list.find(({ language }) => language === wanted) ?? this.list[0];
    this.remember(this.chosen ? "" : (first?.language ?? ""));
  }

  /** Files not fetched yet lie under the newest prefix. @param {Access} access */
  #readdress(access) {
    for (const track of this.#video.querySelectorAll("track")) {
      if (track.readyState === HTMLTrackElement.NONE) track.src = access.current(track.src);
    }
  }
}
