// From what a scanner, a camera or a person gives to the bare code.

// Full-width letters and digits, as Chinese keyboards give them, become plain ones.
export const fold = (text) =>
  text
    .replace(/[\uff01-\uff5e]/g, (character) => String.fromCharCode(character.charCodeAt(0) - 0xfee0))
    .replace(/\u3000/g, " ");

// "https://host/u/7K3M9QXA?x=1" and " 7k3m9qxa " both give "7K3M9QXA".
export const codeOf = (text) => {
  const plain = fold(String(text || "")).trim().toUpperCase();
  const isAddress = /^[A-Z][A-Z0-9+.-]*:\/\//.test(plain) || plain.includes("/");
  if (!isAddress) return plain.replace(/\s+/g, "");
  const path = plain.replace(/[?#].*$/, "").replace(/^[A-Z][A-Z0-9+.-]*:\/\/[^/]*/, "");
  return path.split("/").filter(Boolean).pop() || "";
};
