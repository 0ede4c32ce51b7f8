/** What every page needs; a page with more brings its own module. */
import "htmx";
import "./wt-confirm.js";
import "./wt-copy.js";
import "./wt-keys.js";
import "./wt-live.js";
import "./wt-menu.js";
import "./wt-seek.js";
import "./wt-share.js";
import "./wt-sheet.js";
import "./wt-theme.js";
import "./wt-time.js";
