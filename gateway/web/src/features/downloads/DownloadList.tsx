// The queue and what became of it.
import { useInfiniteQuery } from "@tanstack/react-query";
import type { DownloadState } from "~/api/types";
import { Button } from "~/ui/Button";
import { SelectBox } from "~/ui/Field";
import { Section } from "~/ui/Section";
import { EmptyState, ErrorState, SkeletonRows } from "~/ui/states";
import { DownloadRow } from "./DownloadRow";
import { downloadsQuery } from "./queries";
import { lookOf, STATES } from "./states";

type Props = { state?: DownloadState; onState: (state: DownloadState | undefined) => void };

export function DownloadList({ state, onState }: Props) {
  const list = useInfiniteQuery(downloadsQuery(state));
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Section
      title="Queue"
      action={
        <SelectBox
          aria-label="Show"
          className="w-48"
          value={state ?? ""}
          onChange={(event) =>
            onState((event.target.value || undefined) as DownloadState | undefined)
          }
        >
          <option value="">All downloads</option>
          {STATES.map((name) => (
            <option key={name} value={name}>
              {lookOf(name).word}
            </option>
          ))}
        </SelectBox>
      }
    >
      {list.isPending && <SkeletonRows label="Loading downloads" />}
      {list.error && <ErrorState error={list.error} onRetry={() => void list.refetch()} />}
      {list.data && items.length === 0 && (
        <Nothing state={state} onAll={() => onState(undefined)} />
      )}
      <ul className="grid grid-cols-1 gap-3">
        {items.map((download) => (
          <DownloadRow key={download.id} download={download} />
        ))}
      </ul>
      {list.hasNextPage && (
        <Button
          className="mt-4"
          busy={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
        >
          Show more
        </Button>
      )}
    </Section>
  );
}

function Nothing({ state, onAll }: { state?: DownloadState; onAll: () => void }) {
  if (!state) {
    return (
      <EmptyState icon="download" title="No downloads yet">
        Paste a link above. It is fetched, named, put into the library and shows up in Plex by
        itself.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon="download"
      title={`No download is “${lookOf(state).word.toLocaleLowerCase()}”`}
      action={<Button onClick={onAll}>Show all downloads</Button>}
    />
  );
}
