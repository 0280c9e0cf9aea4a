import { createFileRoute } from "@tanstack/react-router";
import { ActiveDownloads } from "~/features/downloads/ActiveDownloads";
import { LibraryTiles } from "~/features/plex/LibraryTiles";
import { RecentRow } from "~/features/plex/RecentRow";
import { useMe } from "~/features/session/queries";
import { PageHead } from "~/ui/Page";

export const Route = createFileRoute("/_app/")({ component: HomePage });

function greeting(hour: number): string {
  if (hour < 5) return "Good night";
  if (hour < 12) return "Good morning";
  return hour < 18 ? "Good afternoon" : "Good evening";
}

function HomePage() {
  const me = useMe();
  return (
    <>
      <PageHead title={`${greeting(new Date().getHours())}, ${me.display_name || me.username}`} />
      <div className="grid grid-cols-1 gap-10">
        <RecentRow />
        <ActiveDownloads />
        <LibraryTiles />
      </div>
    </>
  );
}
