/** Everything on the stage of one player, handed to each of its parts. */

/**
 * @typedef {object} Stage
 * @property {HTMLElement} element the `<wt-player>`
 * @property {HTMLVideoElement} video
 * @property {import("media-chrome").MediaController} controller
 * @property {import("./setup.js").Setup} setup
 * @property {import("./setup.js").Say} say
 * @property {import("./prefs.js").Prefs} prefs
 * @property {import("./access.js").Access} access
 * @property {import("./hls-source.js").HlsSource | import("./plain-source.js").PlainSource} source
 * @property {import("./quality.js").Qualities} qualities
 * @property {import("./captions.js").Captions} captions
 * @property {import("./notice.js").Notice} notice
 * @property {AbortSignal} signal aborted when the player leaves the page
 */

export {};
