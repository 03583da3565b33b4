"use strict";
// A form that posts itself; its button is there for browsers without scripts.
document.getElementById("post").submit();
