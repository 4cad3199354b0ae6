// From what a scanner, a camera or a person gives to the bare code.

// Full-width letters and digits, as Chinese keyboards give them, become plain ones.
export const fold = (text) =>
  text
    .replace(/[\uff01-\uff5e]/g, (character) => String.fromCharCode(character.charCodeAt(0) - 0xfee0))
    .replace(/\u3000/g, " ");

const plainOf = (text) => fold(String(text || "")).trim();
const isAddress = (plain) => /^[a-z][a-z0-9+.-]*:\/\//i.test(plain) || plain.includes("/");

// "https://host/u/7K3M9QXA?x=1" and " 7k3m9qxa " both give "7K3M9QXA".
export const codeOf = (text) => {
  const plain = plainOf(text).toUpperCase();
  if (!isAddress(plain)) return plain.replace(/\s+/g, "");
  const path = plain.replace(/[?#].*$/, "").replace(/^[A-Z][A-Z0-9+.-]*:\/\/[^/]*/, "");
  return path.split("/").filter(Boolean).pop() || "";
};

// What is sent: an address stays whole, for the server tells ours from everybody else's.
export const sendable = (text) => {
  const plain = plainOf(text);
  return isAddress(plain) ? plain : codeOf(plain);
};
