import { useQuery } from "@tanstack/react-query";
import { createFileRoute } from "@tanstack/react-router";
import { LibraryTiles } from "~/features/plex/LibraryTiles";
import { NoLibraries } from "~/features/plex/NoLibraries";
import { librariesQuery } from "~/features/plex/queries";
import { PageHead } from "~/ui/Page";

export const Route = createFileRoute("/_app/libraries")({ component: LibrariesPage });

function LibrariesPage() {
  const { data } = useQuery(librariesQuery);
  return (
    <>
      <PageHead title="Libraries" />
      {data?.length === 0 ? <NoLibraries /> : <LibraryTiles />}
    </>
  );
}
