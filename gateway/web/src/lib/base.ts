// Where the app is mounted. The gateway rewrites `<base href>`, so one build runs under any path.
export function basePath(): string {
  const path = new URL(document.baseURI).pathname.replace(/\/[^/]*$/, "");
  return path === "" ? "/" : path;
}
