import { createFileRoute } from "@tanstack/react-router";
import { CollectionsView } from "~/features/plex/CollectionsView";

export const Route = createFileRoute("/_app/collections/")({
  validateSearch: (search: Record<string, unknown>): { q?: string } =>
    typeof search.q === "string" && search.q ? { q: search.q } : {},
  component: CollectionsPage,
});

function CollectionsPage() {
  const { q = "" } = Route.useSearch();
  const navigate = Route.useNavigate();
  return (
    <CollectionsView
      q={q}
      onQ={(next) => void navigate({ search: next ? { q: next } : {}, replace: true })}
    />
  );
}
