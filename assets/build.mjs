// Builds everything in rental/web/static: `npm ci && node build.mjs`.
import { copyFile, mkdir, readFile, readdir, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import esbuild from "esbuild";
import * as sass from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "..", "rental", "web", "static");
const modules = join(here, "node_modules");
await mkdir(out, { recursive: true });

const styles = sass.compile(join(here, "scss", "app.scss"), {
  loadPaths: [modules],
  style: "expanded",
  quietDeps: true,
});
const { code } = await esbuild.transform(styles.css, {
  loader: "css",
  minify: true,
  target: ["chrome66", "safari12", "firefox78"],
});
await writeFile(join(out, "app.css"), code.replace(/^@charset "UTF-8";/, ""));

await esbuild.build({
  entryPoints: ["app", "scan", "scan-camera"].map((name) => join(here, "js", `${name}.js`)),
  outdir: out,
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2017",
  charset: "utf8",
  legalComments: "none",
  define: { "import.meta.url": '""' },
  logLevel: "warning",
});

// zxing-wasm would fetch its wasm from a CDN by default. We always say where it is; the address needn't be there at all.
const camera = join(out, "scan-camera.js");
await writeFile(camera, (await readFile(camera, "utf8")).replace(/https:\/\/fastly\.jsdelivr\.net\/npm\/[^`]*?\/dist\//g, "/static/"));

await copyFile(join(modules, "zxing-wasm", "dist", "reader", "zxing_reader.wasm"), join(out, "zxing_reader.wasm"));
for (const name of ["icon.svg", "icon-192.png", "icon-512.png", "manifest.webmanifest"]) {
  await copyFile(join(here, "icons", name), join(out, name));
}

const licences = ["govuk-frontend (in app.css)\n\nMIT License, Copyright (c) 2011 Crown Copyright (Government Digital Service)\n"];
for (const name of ["zxing-wasm"]) {
  const file = (await readdir(join(modules, name))).find((entry) => /^licen[cs]e/i.test(entry));
  if (file) licences.push(`${name}\n\n${(await readFile(join(modules, name, file), "utf8")).trim()}\n`);
}
licences.push("zxing-cpp (inside zxing_reader.wasm)\n\nApache License 2.0, https://www.apache.org/licenses/LICENSE-2.0\n");
await writeFile(join(out, "licences.txt"), licences.join("\n----\n\n"));

for (const name of ["app.css", "app.js", "scan.js", "scan-camera.js", "zxing_reader.wasm"]) {
  const { size } = await stat(join(out, name));
  const packed = gzipSync(await readFile(join(out, name))).length;
  console.log(`${name.padEnd(20)} ${(size / 1024).toFixed(1).padStart(7)} KB ${(packed / 1024).toFixed(1).padStart(7)} KB gz`);
}
