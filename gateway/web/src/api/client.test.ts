import { describe, expect, it, vi } from "vitest";
import { json, problem } from "~/mocks/api";
import { startApi } from "~/mocks/render";
import { ApiError, api, onSignedOut, resolveUrl } from "./client";

const failure = (call: Promise<unknown>) =>
  call.then(
    () => Promise.reject(new Error("the call should have failed")),
    (error: unknown) => error as ApiError,
  );

describe("the API client", () => {
  it("sends the write header and JSON on writes, and neither on reads", async () => {
    const server = startApi();
    await api.post("/auth/login", { username: "robin", password: "correct horse" });
    await api.get("/me");
    expect(server.calls[0]?.headers.get("x-medianest")).toBe("1");
    expect(server.calls[0]?.headers.get("content-type")).toBe("application/json");
    expect(server.calls[1]?.headers.get("x-medianest")).toBeNull();
  });

  it("turns a problem into an error that a person can read and quote", async () => {
    const server = startApi();
    server.on("POST", "/downloads", () =>
      problem(422, "link-refused", "This link cannot be downloaded", {
        detail: "Only public addresses can be downloaded.",
        errors: [
          {
            field: "url",
            pointer: "#/url",
            code: "private",
            message: "points into the private network",
          },
        ],
      }),
    );
    const error = await failure(api.post("/downloads", { url: "http://10.0.0.1/" }));
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      status: 422,
      code: "link-refused",
      title: "This link cannot be downloaded",
      detail: "Only public addresses can be downloaded.",
      requestId: "req-0192-mock",
    });
    expect(error.field("url")).toBe("points into the private network");
    expect(error.field("preset")).toBeUndefined();
  });

  it("copes with an answer that is not ours, and reads Retry-After", async () => {
    const server = startApi();
    server.on(
      "GET",
      "/me",
      () => new Response("<h1>Bad gateway</h1>", { status: 502, headers: { "retry-after": "7" } }),
    );
    const error = await failure(api.get("/me"));
    expect(error).toMatchObject({
      status: 502,
      title: "The server answered 502",
      retryAfterSeconds: 7,
    });
  });

  it("says so when no answer comes at all", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
    const error = await failure(api.get("/me"));
    expect(error).toMatchObject({
      status: 0,
      code: "unreachable",
      title: "MediaNest cannot be reached",
    });
  });

  it("reports the end of the session, but not a wrong password", async () => {
    const server = startApi();
    const ended = vi.fn();
    onSignedOut(ended);
    await failure(api.post("/auth/login", { username: "robin", password: "no" }));
    expect(ended).not.toHaveBeenCalled();
    server.on("GET", "/downloads", () => problem(401, "unauthenticated", "Sign in to do this"));
    await failure(api.get("/downloads"));
    expect(ended).toHaveBeenCalledOnce();
  });

  it("tells two kinds of success apart by their status", async () => {
    const server = startApi();
    server.on("POST", "/auth/plex/pins/1/complete", () => json({ status: "pending" }, 202));
    const answer = await api.postWithStatus("/auth/plex/pins/1/complete", {});
    expect(answer).toEqual({ status: 202, body: { status: "pending" } });
  });
});

describe("addresses", () => {
  it("stay below the base that the page was served from", () => {
    const base = document.createElement("base");
    base.href = "http://medianest.test/nest/";
    document.head.append(base);
    expect(resolveUrl("/me")).toBe("http://medianest.test/nest/api/v1/me");
    expect(resolveUrl("/api/v1/plex/images/1/poster?v=2")).toBe(
      "http://medianest.test/nest/api/v1/plex/images/1/poster?v=2",
    );
    base.remove();
  });

  it("leave out what is not set", () => {
    expect(resolveUrl("/downloads", { state: undefined, q: "", limit: 50 })).toBe(
      "http://medianest.test/api/v1/downloads?limit=50",
    );
  });
});
