// After `vite build`: integrity hashes into index.html, compressed twins of every text file, the size budget.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const dist = fileURLToPath(new URL("../dist", import.meta.url));
const TEXT = /\.(js|css|html|svg|json|webmanifest|txt)$/;

// Budget, in bytes (reference: shell 130 kB gz, CSS 12 kB gz, all text 450 kB br).
const BUDGET = { shellGzip: 130_000, cssGzip: 12_000, allBrotli: 450_000 };

function* walk(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* walk(path);
    else yield path;
  }
}

const integrity = (file) =>
  `sha384-${createHash("sha384")
    .update(readFileSync(join(dist, file)))
    .digest("base64")}`;

/** Adds `integrity` to the scripts and styles that index.html names. */
function addIntegrity(html) {
  return html.replace(/<(script|link)\b[^>]*>/g, (tag) => {
    const file = tag.match(/\b(?:src|href)="\.?\/?([^"]+\.(?:js|css))"/)?.[1];
    if (!file || tag.includes("integrity=")) return tag;
    const clean = tag.replace(/ crossorigin(="[^"]*")?/, "");
    return clean.replace(/>$/, ` integrity="${integrity(file)}" crossorigin="anonymous">`);
  });
}

/** Everything that the first page needs: the entry and what it imports at once. */
function shellFiles() {
  const manifest = JSON.parse(readFileSync(join(dist, ".vite/manifest.json"), "utf8"));
  const seen = new Set();
  const visit = (key) => {
    const chunk = manifest[key];
    if (!chunk || seen.has(chunk.file)) return;
    seen.add(chunk.file);
    for (const next of chunk.imports ?? []) visit(next);
  };
  visit("index.html");
  return [...seen];
}

const brotli = (bytes) =>
  brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });

function compress() {
  let all = 0;
  for (const path of [...walk(dist)]) {
    if (!TEXT.test(path) || path.includes(".vite")) continue;
    const bytes = readFileSync(path);
    const small = brotli(bytes);
    all += small.length;
    if (bytes.length < 512) continue;
    writeFileSync(`${path}.br`, small);
    writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  }
  return all;
}

function check(name, value, limit) {
  const verdict = value <= limit ? "ok" : "TOO LARGE";
  console.log(
    `${name.padEnd(22)} ${(value / 1000).toFixed(1).padStart(7)} kB of ${limit / 1000} kB  ${verdict}`,
  );
  return value <= limit;
}

const index = join(dist, "index.html");
writeFileSync(index, addIntegrity(readFileSync(index, "utf8")));
const gzipped = (file) => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length;
const shell = shellFiles().reduce((sum, file) => sum + gzipped(file), 0);
const css = [...walk(dist)]
  .filter((path) => path.endsWith(".css"))
  .reduce((sum, path) => sum + gzipped(relative(dist, path)), 0);
const all = compress();
rmSync(join(dist, ".vite"), { recursive: true });
writeFileSync(join(dist, ".gitkeep"), "");
const fine = [
  check("shell scripts (gzip)", shell, BUDGET.shellGzip),
  check("styles (gzip)", css, BUDGET.cssGzip),
  check("all text (brotli)", all, BUDGET.allBrotli),
];
console.log(`${[...walk(dist)].length} files, index.html ${statSync(index).size} bytes`);
if (fine.includes(false)) process.exit(1);
