// What is on its way, for the home page.
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Section } from "~/ui/Section";
import { EmptyState, ErrorState, SkeletonRows } from "~/ui/states";
import { DownloadRow } from "./DownloadRow";
import { downloadsQuery } from "./queries";
import { isActive } from "./states";

export function ActiveDownloads() {
  const { data, error, isPending, refetch } = useInfiniteQuery(downloadsQuery());
  const active =
    data?.pages.flatMap((page) => page.items).filter((item) => isActive(item.state)) ?? [];
  return (
    <Section
      title="On its way"
      action={
        <Link
          to="/downloads"
          className="text-sm font-semibold text-accent underline-offset-4 hover:underline"
        >
          All downloads
        </Link>
      }
    >
      {isPending && <SkeletonRows label="Loading downloads" rows={1} />}
      {error && <ErrorState error={error} onRetry={() => void refetch()} />}
      {data && active.length === 0 && (
        <EmptyState icon="download" title="Nothing is being downloaded">
          Paste a link in the search box at any time to add one.
        </EmptyState>
      )}
      <ul className="grid grid-cols-1 gap-3 xl:grid-cols-2">
        {active.slice(0, 6).map((download) => (
          <DownloadRow key={download.id} download={download} />
        ))}
      </ul>
    </Section>
  );
}
