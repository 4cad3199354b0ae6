// Keyboard scanners type a code and Enter, whatever has focus. Keys that follow each other within 100 ms are one scan.

const SILENCE_MS = 100;
const SHORTEST = 4;
const punctuation = { Minus: "-", Slash: "/", Period: ".", Semicolon: ":", Equal: "=" };

// With a Chinese input method on, `key` says only "Process": the physical key tells.
const characterOf = (event) => {
  if (event.key.length === 1) return event.key;
  if (event.key !== "Process" && event.key !== "Unidentified") return "";
  const letter = /^(?:Key|Digit|Numpad)([A-Z0-9])$/.exec(event.code);
  return letter ? letter[1] : punctuation[event.code] || "";
};

const isField = (element) =>
  element.isContentEditable || /^(TEXTAREA|SELECT)$/.test(element.tagName) ||
  (element.tagName === "INPUT" && !/^(button|checkbox|file|radio|reset|submit)$/.test(element.type));

export const listen = (take) => {
  let buffer = "";
  let last = 0;
  window.addEventListener(
    "keydown",
    (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey || (event.target.closest && isField(event.target))) return;
      const now = performance.now();
      if (now - last > SILENCE_MS) buffer = "";
      last = now;
      if (event.key === "Enter") {
        const scanned = buffer;
        buffer = "";
        if (scanned.length < SHORTEST) return;
        event.preventDefault();
        event.stopPropagation();
        take(scanned);
        return;
      }
      const character = characterOf(event);
      buffer += character;
      // A space would press the focused button, "/" opens Firefox's search: not in the middle of a scan.
      if (buffer.length > 1 && character) event.preventDefault();
    },
    true,
  );
};
