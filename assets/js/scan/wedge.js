// Keyboard scanners type a code and Enter, whatever has focus. Keys that follow each other within 100 ms are one scan.

const SILENCE_MS = 100;
const SHORTEST = 4;
const WHOLE = 8;
const punctuation = { Minus: "-", Slash: "/", Period: ".", Semicolon: ":", Equal: "=" };

// With a Chinese input method on, `key` says only "Process": the physical key tells.
const characterOf = (event) => {
  if (event.key.length === 1) return event.key;
  if (event.key !== "Process" && event.key !== "Unidentified") return "";
  const letter = /^(?:Key|Digit|Numpad)([A-Z0-9])$/.exec(event.code);
  return letter ? letter[1] : punctuation[event.code] || "";
};

// A Chinese input method is about to make words of the keys.
const isComposed = (event) => event.isComposing || event.key === "Process" || event.keyCode === 229;

const isField = (element) =>
  element.isContentEditable || /^(TEXTAREA|SELECT)$/.test(element.tagName) ||
  (element.tagName === "INPUT" && !/^(button|checkbox|file|radio|reset|submit)$/.test(element.type));

export const listen = (take, input) => {
  let buffer = "";
  let last = 0;
  let composed = false;
  window.addEventListener(
    "keydown",
    (event) => {
      const inBox = event.target === input;
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      if (!inBox && event.target.closest && isField(event.target)) return;
      const now = event.timeStamp; // of the key, not of a busy computer
      if (now - last > SILENCE_MS) {
        buffer = "";
        composed = false;
      }
      last = now;
      composed = composed || isComposed(event);
      if (event.key === "Enter" || event.code === "Enter" || event.code === "NumpadEnter") {
        const scanned = buffer;
        buffer = "";
        // The box takes what is typed into it by itself, except what an input method holds back.
        if (inBox ? !composed || scanned.length < WHOLE : scanned.length < SHORTEST) return;
        event.preventDefault();
        event.stopPropagation();
        take(scanned);
        return;
      }
      const character = characterOf(event);
      buffer += character;
      // A space would press the focused button, "/" opens Firefox's search: not in the middle of a scan.
      if (!inBox && buffer.length > 1 && character) event.preventDefault();
    },
    true,
  );
};
