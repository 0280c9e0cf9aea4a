import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { PASSWORD, problem, SETUP_SECRET } from "~/mocks/api";
import { renderApp, startApi } from "~/mocks/render";
import { safeNext } from "./queries";

const home = () => screen.findByRole("heading", { level: 1, name: /^Good .*, Robin$/ });
const type = async (label: string, text: string) =>
  userEvent.type(await screen.findByLabelText(label), text);
const press = (name: string) => userEvent.click(screen.getByRole("button", { name }));

beforeEach(() => {
  vi.stubGlobal("EventSource", undefined);
});

describe("signing in with a password", () => {
  it("leads back to the page that was asked for", async () => {
    const server = startApi();
    const { router } = renderApp("/downloads");
    await type("User name", "robin");
    await type("Password", PASSWORD);
    await press("Sign in");

    expect(await screen.findByRole("heading", { level: 1, name: "Downloads" })).toBeVisible();
    expect(router.state.location.pathname).toBe("/downloads");
    const login = server.calls.find((call) => call.path === "/auth/login");
    expect(login?.body).toEqual({ username: "robin", password: PASSWORD, mode: "cookie" });
  });

  it("keeps the form and says what was wrong", async () => {
    startApi();
    renderApp("/login");
    await type("User name", "robin");
    await type("Password", "wrong");
    await press("Sign in");

    expect(await screen.findByRole("alert")).toHaveTextContent(
      "The user name or the password is wrong",
    );
    expect(screen.getByLabelText("User name")).toHaveValue("robin");
  });

  it("does not bother the server with an empty form", async () => {
    const server = startApi();
    renderApp("/login");
    await screen.findByLabelText("User name");
    await press("Sign in");

    expect(screen.getByLabelText("User name")).toBeInvalid();
    expect(screen.getByText("Enter your password.")).toBeVisible();
    expect(server.calls.some((call) => call.path === "/auth/login")).toBe(false);
  });
});

describe("signing in with Plex", () => {
  const opened = { opener: {}, closed: false, close: vi.fn(), location: { href: "about:blank" } };
  beforeEach(() => {
    opened.location.href = "about:blank";
    vi.stubGlobal("open", () => opened);
  });

  it("opens Plex at once, waits, and goes on when it is done", async () => {
    startApi({ plexAnswers: ["pending", "session"] });
    renderApp("/login");
    await screen.findByLabelText("User name");
    await press("Sign in with Plex");

    expect(await screen.findByText("Waiting for Plex")).toBeVisible();
    expect(opened.location.href).toContain("app.plex.tv/auth");
    expect(opened.opener).toBeNull();
    expect(await home()).toBeVisible();
  });

  it("says that the account has no access to the server", async () => {
    startApi({ plexAnswers: ["no_server_access"] });
    renderApp("/login");
    await screen.findByLabelText("User name");
    await press("Sign in with Plex");
    expect(await screen.findByRole("alert")).toHaveTextContent("no access here");
    expect(screen.getByRole("button", { name: "Try Plex again" })).toBeEnabled();
  });

  it("says that it took too long", async () => {
    startApi({ plexAnswers: ["pin_expired"] });
    renderApp("/login");
    await screen.findByLabelText("User name");
    await press("Sign in with Plex");
    expect(await screen.findByRole("alert")).toHaveTextContent("took too long");
  });

  it("offers a link when the window is blocked, and can be cancelled", async () => {
    vi.stubGlobal("open", () => null);
    startApi({ plexAnswers: ["pending"] });
    renderApp("/login");
    await screen.findByLabelText("User name");
    await press("Sign in with Plex");
    expect(await screen.findByRole("link", { name: "Open Plex" })).toHaveAttribute(
      "target",
      "_blank",
    );
    await press("Cancel");
    expect(screen.getByRole("button", { name: "Sign in with Plex" })).toBeEnabled();
  });
});

describe("the first run", () => {
  const fill = async (secret: string) => {
    await type("Setup secret", secret);
    await type("User name", "robin");
    await type("Password", PASSWORD);
    await type("Password again", PASSWORD);
    await press("Create the administrator");
  };

  it("goes from the secret over the Plex server to the libraries", async () => {
    startApi({ setupRequired: true, servers: [] });
    renderApp("/");
    await fill(SETUP_SECRET);
    await type("Server address", "http://192.168.1.10:32400");
    await type("Plex token", "owner-token");
    await press("Connect");

    expect(await screen.findByText("Connected to Attic")).toBeVisible();
    await userEvent.click(screen.getByRole("link", { name: "Go to your libraries" }));
    expect(await home()).toBeVisible();
  });

  it("says at the field that the secret is wrong", async () => {
    startApi({ setupRequired: true });
    renderApp("/setup");
    await fill("guess");
    await waitFor(() => expect(screen.getByLabelText("Setup secret")).toBeInvalid());
    expect(screen.getByText("The setup secret is wrong")).toBeVisible();
  });

  it("says what is wrong with the Plex server", async () => {
    startApi({ setupRequired: true, servers: [] });
    renderApp("/");
    await fill(SETUP_SECRET);
    await type("Server address", "http://nowhere:32400");
    await type("Plex token", "t");
    await press("Connect");
    expect(await screen.findByRole("alert")).toHaveTextContent("Nothing answers at this address");
  });
});

it("only addresses of this app are returned to after signing in", () => {
  expect(safeNext("/downloads?state=failed")).toBe("/downloads?state=failed");
  expect(safeNext("//evil.example")).toBe("/");
  expect(safeNext("https://evil.example")).toBe("/");
  expect(safeNext("/\\evil.example")).toBe("/");
});

it("an outage is shown with the number to quote and a way to try again", async () => {
  const server = startApi();
  server.on("GET", "/me", () =>
    problem(503, "unavailable", "This part of MediaNest is not available right now"),
  );
  renderApp("/");
  expect(
    await screen.findByText("This part of MediaNest is not available right now"),
  ).toBeVisible();
  expect(screen.getByText("req-0192-mock")).toBeVisible();
  expect(screen.getByRole("button", { name: "Try again" })).toBeEnabled();
});
