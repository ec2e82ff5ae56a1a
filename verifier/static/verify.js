// Makes the verify page nicer where a browser can: dropping files, the camera, times in the reader's zone.
// The page works without any of it.
"use strict";

for (const node of document.querySelectorAll(".v-script")) {
  if (node.id !== "scan") node.hidden = false;
}

const printButton = document.getElementById("print");
if (printButton) printButton.addEventListener("click", () => window.print());

// Plain "en" would mean American dates; the rest of the page writes the day first.
const language = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
const times = new Intl.DateTimeFormat(language || undefined, {
  day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short",
});
for (const node of document.querySelectorAll("time.v-local")) {
  const moment = new Date(node.dateTime);
  if (!Number.isNaN(moment.getTime())) node.textContent = times.format(moment);
}

function openTarget() {
  const target = document.getElementById(window.location.hash.slice(1));
  if (target instanceof HTMLDetailsElement) target.open = true;
}
window.addEventListener("hashchange", openTarget);
openTarget();

const files = document.getElementById("file");
const drop = document.querySelector(".v-drop");
const chosen = document.getElementById("chosen");
if (files && drop && chosen) {
  const tell = () => {
    chosen.textContent = Array.from(files.files, (file) => file.name).join(", ");
  };
  files.addEventListener("change", tell);
  for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, (event) => {
      if (!Array.from(event.dataTransfer.types).includes("Files")) return;
      event.preventDefault();
      drop.classList.add("is-over");
    });
  }
  for (const name of ["dragleave", "drop"]) {
    drop.addEventListener(name, () => drop.classList.remove("is-over"));
  }
  drop.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    files.files = event.dataTransfer.files;
    tell();
  });
}

const scan = document.getElementById("scan");
if (scan && "BarcodeDetector" in window && navigator.mediaDevices) {
  scan.hidden = false;
  const view = document.getElementById("scan-view");
  const said = document.getElementById("scan-said");
  const send = (text) => {
    const form = document.createElement("form");
    form.method = "post";
    form.action = "/verify";
    const field = document.createElement("textarea");
    field.name = "badge";
    field.value = text;
    form.hidden = true;
    form.append(field);
    document.body.append(form);
    form.submit();
  };
  const look = async () => {
    try {
      const detector = new window.BarcodeDetector({ formats: ["qr_code"] });
      const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      view.srcObject = stream;
      view.hidden = false;
      await view.play();
      said.textContent = said.dataset.look;
      const timer = window.setInterval(async () => {
        const [code] = await detector.detect(view).catch(() => []);
        if (!code) return;
        window.clearInterval(timer);
        for (const track of stream.getTracks()) track.stop();
        send(code.rawValue);
      }, 250);
    } catch {
      said.textContent = said.dataset.none;
    }
  };
  document.getElementById("scan-start").addEventListener("click", look);
}
