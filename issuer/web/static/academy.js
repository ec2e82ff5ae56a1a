// Nothing on a page needs this file. It only makes pages a little nicer.
"use strict";

// A form is sent once, also when somebody taps twice.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  window.addEventListener("pageshow", () => delete form.dataset.sent, { once: true });
});

// What went wrong is read out first.
const fault = document.querySelector("[data-focus]");
if (fault) fault.focus();

// A button that copies the text of a field beside it.
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copy);
    await navigator.clipboard.writeText("value" in field ? field.value : field.textContent);
    button.textContent = button.dataset.done;
  });
}

// The name as it will be signed, while it is typed.
for (const shown of document.querySelectorAll("[data-shows]")) {
  const field = document.getElementById(shown.dataset.shows);
  const empty = shown.textContent;
  field.addEventListener("input", () => {
    shown.textContent = field.value.trim() || empty;
  });
}

// Times in the reader's own zone, with the zone named, where the reader has chosen none here. The server wrote UTC.
const { lang, dataset } = document.documentElement;
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
const city = zone.includes("/") && !zone.startsWith("Etc/") ? zone.split("/").pop().replaceAll("_", " ") : "";
if (dataset.times && city) {
  const written = lang === "en" ? "en-GB" : lang;
  const day = new Intl.DateTimeFormat(written, { day: "numeric", month: "long", year: "numeric" });
  const hour = new Intl.DateTimeFormat(written, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const named = dataset.times.replace("{city}", city);
  for (const time of document.querySelectorAll('time[datetime*="T"]')) {
    const moment = new Date(time.dateTime);
    time.textContent = `${day.format(moment)}, ${hour.format(moment)} (${named})`;
  }
}

// My page offers to keep this zone.
const offer = document.querySelector("[data-zone]");
if (offer && city) {
  offer.elements.time_zone.value = zone;
  for (const place of offer.querySelectorAll("[data-city]")) place.textContent = city;
  offer.hidden = false;
}

// Words that would be lost: ask before leaving.
for (const form of document.querySelectorAll("form[data-keep]")) {
  let touched = false;
  form.addEventListener("input", () => (touched = true));
  form.addEventListener("submit", () => (touched = false));
  window.addEventListener("beforeunload", (event) => {
    if (touched) event.preventDefault();
  });
}
