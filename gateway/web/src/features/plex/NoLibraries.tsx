// Nothing to browse yet: what to do about it depends on who asks.
import { Link } from "@tanstack/react-router";
import { useMe } from "~/features/session/queries";
import { buttonClass } from "~/ui/Button";
import { EmptyState } from "~/ui/states";

export function NoLibraries() {
  const me = useMe();
  if (me.role !== "admin") {
    return (
      <EmptyState icon="library" title="No library is shared with you yet">
        Ask the person who runs the Plex server to share a library with your Plex account.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon="server"
      title="No libraries yet"
      action={
        <Link to="/servers" className={buttonClass("primary")}>
          Go to servers
        </Link>
      }
    >
      Connect a Plex server, and its libraries are mirrored here within minutes.
    </EmptyState>
  );
}
