import { createFileRoute } from "@tanstack/react-router";
import type { DownloadState } from "~/api/types";
import { Composer } from "~/features/downloads/Composer";
import { DownloadList } from "~/features/downloads/DownloadList";
import { isState } from "~/features/downloads/states";
import { UsageMeters } from "~/features/downloads/UsageMeters";
import { PageHead } from "~/ui/Page";

export const Route = createFileRoute("/_app/downloads")({
  validateSearch: (search: Record<string, unknown>): { url?: string; state?: DownloadState } => ({
    ...(typeof search.url === "string" && search.url ? { url: search.url } : {}),
    ...(isState(search.state) ? { state: search.state } : {}),
  }),
  component: DownloadsPage,
});

function DownloadsPage() {
  const { url = "", state } = Route.useSearch();
  const navigate = Route.useNavigate();
  return (
    <>
      <PageHead title="Downloads" />
      <div className="grid grid-cols-1 items-start gap-8 xl:grid-cols-[minmax(0,1fr)_20rem]">
        <div className="grid min-w-0 grid-cols-1 gap-8">
          <Composer
            key={url}
            initialUrl={url}
            onAdded={() =>
              void navigate({ search: (old) => ({ ...old, url: undefined }), replace: true })
            }
          />
          <DownloadList
            state={state}
            onState={(next) =>
              void navigate({
                search: (old) => ({ ...old, state: next }),
                replace: true,
                resetScroll: false,
              })
            }
          />
        </div>
        <UsageMeters />
      </div>
    </>
  );
}
