// The outermost frame: what every page stands in, and what is shown when a page cannot be.
import { CSPProvider } from "@base-ui/react/csp-provider";
import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, Link, Outlet } from "@tanstack/react-router";
import { buttonClass } from "~/ui/Button";
import { EmptyState } from "~/ui/states";

export const Route = createRootRouteWithContext<{ queryClient: QueryClient }>()({
  component: () => (
    <CSPProvider disableStyleElements>
      <Outlet />
    </CSPProvider>
  ),
  notFoundComponent: () => (
    <main className="mx-auto max-w-2xl p-6">
      <h1 className="sr-only">Page not found</h1>
      <EmptyState
        icon="search"
        title="There is no page at this address"
        action={
          <Link to="/" className={buttonClass("primary")}>
            Go home
          </Link>
        }
      />
    </main>
  ),
});
