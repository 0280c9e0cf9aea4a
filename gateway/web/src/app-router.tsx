// The router, with what it shows while a page loads or when it fails.
import type { QueryClient } from "@tanstack/react-query";
import { createRouter, type RouterHistory } from "@tanstack/react-router";
import { basePath } from "./lib/base";
import { routeTree } from "./routeTree.gen";
import { Mark } from "./ui/Icon";
import { ErrorState } from "./ui/states";

function Pending() {
  return (
    <div role="status" aria-label="Loading" className="grid min-h-[60dvh] place-items-center">
      <Mark className="size-12 animate-pulse" />
    </div>
  );
}

export function createAppRouter(queryClient: QueryClient, history?: RouterHistory) {
  const router = createRouter({
    routeTree,
    history,
    basepath: basePath(),
    context: { queryClient },
    scrollRestoration: true,
    defaultPreload: "intent",
    defaultPreloadStaleTime: 0,
    defaultPendingMs: 150,
    defaultPendingComponent: Pending,
    defaultErrorComponent: ({ error, reset }) => (
      <main className="mx-auto w-full max-w-2xl p-6">
        <h1 className="sr-only">This page could not be shown</h1>
        <ErrorState
          error={error}
          onRetry={() => {
            reset();
            void router.invalidate();
          }}
        />
      </main>
    ),
  });
  return router;
}

type AppRouter = ReturnType<typeof createAppRouter>;

declare module "@tanstack/react-router" {
  interface Register {
    router: AppRouter;
  }
}
