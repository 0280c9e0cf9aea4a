import { createFileRoute } from "@tanstack/react-router";
import { CollectionView } from "~/features/plex/CollectionView";

export const Route = createFileRoute("/_app/collections/$collectionId")({
  component: CollectionPage,
});

function CollectionPage() {
  const { collectionId } = Route.useParams();
  return <CollectionView id={collectionId} />;
}
