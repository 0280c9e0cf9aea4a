import { createFileRoute } from "@tanstack/react-router";
import { SearchView } from "~/features/plex/SearchView";
import { SearchBox } from "~/features/shell/SearchBox";
import { PageHead } from "~/ui/Page";

export const Route = createFileRoute("/_app/search")({
  validateSearch: (search: Record<string, unknown>): { q?: string } =>
    typeof search.q === "string" || typeof search.q === "number" ? { q: String(search.q) } : {},
  component: SearchPage,
});

function SearchPage() {
  const { q = "" } = Route.useSearch();
  return (
    <>
      <PageHead title="Search" />
      <SearchBox className="mb-6 md:hidden" autoFocus={!q} />
      <SearchView q={q.trim()} />
    </>
  );
}
