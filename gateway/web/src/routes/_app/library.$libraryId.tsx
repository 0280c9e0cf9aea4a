import { createFileRoute } from "@tanstack/react-router";
import { LibraryView } from "~/features/plex/LibraryView";
import { isSort, type Sort } from "~/features/plex/queries";

export const Route = createFileRoute("/_app/library/$libraryId")({
  validateSearch: (search: Record<string, unknown>): { sort?: Sort; q?: string } => ({
    ...(isSort(search.sort) && search.sort !== "title" ? { sort: search.sort } : {}),
    ...(typeof search.q === "string" && search.q ? { q: search.q } : {}),
  }),
  component: LibraryPage,
});

function LibraryPage() {
  const { libraryId } = Route.useParams();
  const { sort = "title", q = "" } = Route.useSearch();
  const navigate = Route.useNavigate();
  return (
    <LibraryView
      key={libraryId}
      libraryId={libraryId}
      sort={sort}
      q={q}
      onChange={(change) =>
        void navigate({
          search: (old) => ({ ...old, ...change }),
          replace: true,
          resetScroll: false,
        })
      }
    />
  );
}
