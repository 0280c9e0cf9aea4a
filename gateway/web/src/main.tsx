// Starts the app: query cache, router, theme.
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ApiError, onSignedOut } from "./api/client";
import { createAppRouter } from "./app-router";
import { meQuery } from "./features/session/queries";
import { watchSystemTheme } from "./lib/theme";
import "./ui/theme.css";

const RELOADED = "medianest.reloaded";

const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 20_000,
      gcTime: 600_000,
      retry: (count, error) =>
        count < 2 && error instanceof ApiError && (error.status === 0 || error.status >= 502),
    },
  },
});
const router = createAppRouter(queryClient);

onSignedOut(() => {
  if (!queryClient.getQueryData(meQuery.queryKey)) return;
  queryClient.setQueryData(meQuery.queryKey, null);
  void router.navigate({ to: "/login", search: { next: router.state.location.href } });
});

// A chunk of an older build is gone after an update: load the new one, once.
window.addEventListener("vite:preloadError", (event) => {
  try {
    if (sessionStorage.getItem(RELOADED)) return;
    sessionStorage.setItem(RELOADED, "1");
  } catch {
    return;
  }
  event.preventDefault();
  window.location.reload();
});

watchSystemTheme();

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  );
}
