// Test harness: the mock server behind `fetch`, and the real app or one component in front of it.
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, RouterProvider } from "@tanstack/react-router";
import { render } from "@testing-library/react";
import { vi } from "vitest";
import { createAppRouter } from "~/app-router";
import { createMockApi, type MockState } from "./api";

export function startApi(state?: Partial<MockState>) {
  const api = createMockApi({ state });
  vi.stubGlobal("fetch", (input: string, init?: RequestInit) =>
    api.fetch(new Request(input, init)),
  );
  return api;
}

const client = () => new QueryClient({ defaultOptions: { queries: { retry: false } } });

export function renderApp(path: string) {
  const queryClient = client();
  const history = createMemoryHistory({ initialEntries: [path] });
  const router = createAppRouter(queryClient, history);
  const view = render(
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>,
  );
  return { ...view, router, queryClient };
}
