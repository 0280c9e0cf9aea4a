// The frame around every page of someone who is signed in.
import { Link, Outlet } from "@tanstack/react-router";
import { LiveProvider } from "~/features/live/LiveProvider";
import { Bell } from "~/features/notifications/Bell";
import { Mark } from "~/ui/Icon";
import { ToastArea } from "~/ui/Toasts";
import { BottomBar } from "./BottomBar";
import { LiveChip } from "./LiveChip";
import { SearchBox } from "./SearchBox";
import { Sidebar } from "./Sidebar";
import { UserMenu } from "./UserMenu";

function TopBar() {
  return (
    <header className="sticky top-0 z-30 flex min-h-16 items-center gap-2 border-b border-line bg-bg px-4 md:gap-3 md:px-8">
      <Link
        to="/"
        aria-label="MediaNest, home"
        className="flex items-center gap-2 rounded-lg md:hidden"
      >
        <Mark className="size-9" />
        <span className="font-display font-bold tracking-tight">MediaNest</span>
      </Link>
      <SearchBox className="hidden w-full max-w-xl md:block" />
      <div className="ml-auto flex items-center gap-1.5">
        <LiveChip />
        <Bell />
        <UserMenu />
      </div>
    </header>
  );
}

export function Shell() {
  return (
    <LiveProvider>
      <ToastArea />
      <button
        type="button"
        className="fixed top-2 left-2 z-60 -translate-y-20 rounded-lg bg-accent px-4 py-2.5 font-semibold text-on-accent focus:translate-y-0"
        onClick={() => document.getElementById("content")?.focus()}
      >
        Skip to the content
      </button>
      <div className="flex min-h-dvh">
        <Sidebar />
        <div className="flex min-w-0 flex-1 flex-col">
          <TopBar />
          <main
            id="content"
            tabIndex={-1}
            className="mx-auto w-full max-w-[110rem] flex-1 px-4 pt-6 pb-28 outline-none md:px-8 md:pb-12"
          >
            <Outlet />
          </main>
        </div>
        <BottomBar />
      </div>
    </LiveProvider>
  );
}
