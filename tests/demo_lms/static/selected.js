"use strict";
// The picker is done: the page around the dialog shows the course again.
window.parent.location.replace(document.getElementById("target").href);
