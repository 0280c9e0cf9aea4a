// All libraries as large targets.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { plural } from "~/lib/format";
import { Icon } from "~/ui/Icon";
import { Section } from "~/ui/Section";
import { ErrorState, SkeletonRows } from "~/ui/states";
import { hueOf } from "./Poster";
import { librariesQuery } from "./queries";
import { LIBRARY_ICON } from "./words";

export function LibraryTiles() {
  const { data, error, isPending, refetch } = useQuery(librariesQuery);
  if (isPending) return <SkeletonRows label="Loading libraries" rows={2} />;
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (data.length === 0) return null;
  return (
    <Section title="Libraries">
      <ul className="grid grid-cols-[repeat(auto-fill,minmax(13rem,1fr))] gap-3">
        {data.map((library) => (
          <li key={library.id}>
            <Link
              to="/library/$libraryId"
              params={{ libraryId: library.id }}
              className="flex min-h-20 items-center gap-4 rounded-xl border border-line bg-surface p-4 transition-colors hover:border-accent"
            >
              <span
                className="grid size-12 place-items-center rounded-lg text-white"
                style={{ background: `oklch(0.42 0.075 ${hueOf(library.title)})` }}
              >
                <Icon name={LIBRARY_ICON[library.type] ?? "library"} className="size-6" />
              </span>
              <span className="min-w-0">
                <span className="block truncate font-semibold">{library.title}</span>
                <span className="tabular text-sm text-muted">
                  {plural(library.item_count, "title", "titles")}
                </span>
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </Section>
  );
}
