// Results as one types.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { SearchHit } from "~/api/types";
import { cx } from "~/lib/cx";
import { plural } from "~/lib/format";
import { asWebUrl } from "~/lib/links";
import { Badge } from "~/ui/Badge";
import { buttonClass } from "~/ui/Button";
import { Icon } from "~/ui/Icon";
import { EmptyState, ErrorState, SkeletonRows } from "~/ui/states";
import { Poster } from "./Poster";
import { searchQuery } from "./queries";
import { caption, ITEM_ICON, isSquare, matchedBy, TYPE_WORD } from "./words";

export function SearchView({ q }: { q: string }) {
  const link = asWebUrl(q);
  if (link) return <AddDownload link={link} />;
  if (!q) {
    return (
      <EmptyState icon="search" title="What are you looking for?">
        Type a title or a name; spelling does not have to be exact. Paste a link to a video to
        download it.
      </EmptyState>
    );
  }
  return <Results q={q} />;
}

function Results({ q }: { q: string }) {
  const { data, error, isPending, isPlaceholderData, refetch } = useQuery(searchQuery(q));
  if (isPending) return <SkeletonRows label="Searching" rows={5} />;
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (data.items.length === 0) {
    return (
      <EmptyState icon="search" title={`Nothing found for “${q}”`}>
        Try fewer letters or another word. Only libraries that are shared with you are searched.
      </EmptyState>
    );
  }
  return (
    <div aria-busy={isPlaceholderData} className={cx(isPlaceholderData && "opacity-60")}>
      <p role="status" className="tabular mb-3 text-sm text-muted">
        {plural(data.items.length, "result", "results")} in {Math.max(1, Math.round(data.took_ms))}{" "}
        ms
        {data.stale && " · the Plex server does not answer, so this may not be the newest"}
      </p>
      <ul className="grid grid-cols-1 gap-1.5 xl:grid-cols-2">
        {data.items.map((hit) => (
          <Hit key={hit.item.id} hit={hit} />
        ))}
      </ul>
    </div>
  );
}

function Hit({ hit: { item, matched } }: { hit: SearchHit }) {
  const by = matchedBy(matched);
  return (
    <li>
      <Link
        to="/item/$itemId"
        params={{ itemId: item.id }}
        className="flex items-center gap-4 rounded-xl border border-transparent p-2 transition-colors hover:border-line hover:bg-surface"
      >
        <Poster
          title={item.title}
          icon={ITEM_ICON[item.type] ?? "film"}
          path={item.poster_url}
          square={isSquare(item.type)}
          width={180}
          className="w-14 shrink-0 rounded-lg! [&_span]:hidden"
        />
        <span className="min-w-0 flex-1">
          <span className="block truncate font-semibold">{item.title}</span>
          <span className="block truncate text-sm text-muted">{caption(item)}</span>
          {by && <span className="block truncate text-sm text-muted">Found by {by}</span>}
        </span>
        <Badge tone="neutral" icon={ITEM_ICON[item.type]}>
          {TYPE_WORD[item.type] ?? item.type}
        </Badge>
      </Link>
    </li>
  );
}

function AddDownload({ link }: { link: string }) {
  return (
    <EmptyState
      icon="link"
      title="That is a link"
      action={
        <Link to="/downloads" search={{ url: link }} className={buttonClass("primary")}>
          <Icon name="download" className="size-4" />
          Add download
        </Link>
      }
    >
      <span className="break-all">{link}</span>
    </EmptyState>
  );
}
