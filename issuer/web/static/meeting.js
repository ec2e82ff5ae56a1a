// Notices that a decision has moved on, and says so. What somebody is typing is never thrown away:
// the page reloads by itself only while nothing is typed and no field has the focus. data-follow says when:
// "always" (the screen in the room), "yes" (in a meeting, when a new phase begins), "no" (only on request).
(() => {
  "use strict";
  const place = document.querySelector("[data-pulse]");
  if (!place) {
    return;
  }
  const { pulse, mark, every } = place.dataset;
  const calm = Number(every) * 1000;
  let known = mark;

  const isWriting = () => {
    if (document.activeElement && document.activeElement.matches("input, textarea, select")) {
      return true;
    }
    const fields = [...document.querySelectorAll("main textarea, main input, main select")];
    return fields.some((field) => {
      if (field.type === "checkbox" || field.type === "radio") {
        return field.checked !== field.defaultChecked;
      }
      return field.tagName === "SELECT"
        ? field.selectedIndex !== Math.max(0, [...field.options].findIndex((option) => option.defaultSelected))
        : field.value !== field.defaultValue;
    });
  };

  const offer = () => {
    place.querySelector("[data-changed]").hidden = false;
  };

  const look = async () => {
    if (document.hidden) {
      return;
    }
    let answer;
    try {
      const response = await fetch(pulse, { headers: { Accept: "application/json" }, cache: "no-store" });
      if (!response.ok) {
        return;
      }
      answer = await response.json();
    } catch {
      return; // no network for a moment: the next look tells
    }
    if (answer.mark === known) {
      return;
    }
    known = answer.mark;
    offer();
    const { phase, follow } = place.dataset;
    if ((follow === "always" || (follow === "yes" && answer.phase !== phase)) && !isWriting()) {
      window.location.reload();
    }
  };

  window.setInterval(look, calm);
  document.addEventListener("visibilitychange", look);
})();
