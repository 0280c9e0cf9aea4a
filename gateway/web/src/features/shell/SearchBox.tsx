// Search from anywhere: what is typed is the address of the search page.
import { useNavigate, useRouterState } from "@tanstack/react-router";
import { type FormEvent, useEffect, useRef } from "react";
import { useTypedText } from "~/lib/typed-text";
import { Icon } from "~/ui/Icon";

const PAUSE_MS = 160;

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

function useSlashKey(focus: () => void) {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const palette = event.key === "k" && (event.ctrlKey || event.metaKey);
      const slash =
        event.key === "/" && !event.ctrlKey && !event.metaKey && !isTyping(event.target);
      if (!palette && !slash) return;
      event.preventDefault();
      focus();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [focus]);
}

export function SearchBox({ autoFocus, className }: { autoFocus?: boolean; className?: string }) {
  const navigate = useNavigate();
  const input = useRef<HTMLInputElement>(null);
  const { onSearch, q } = useRouterState({
    select: ({ location }) => ({
      onSearch: location.pathname === "/search",
      q: location.pathname === "/search" ? String((location.search as { q?: string }).q ?? "") : "",
    }),
  });
  const { text, type, flush } = useTypedText(
    q,
    (value) => {
      if (value || onSearch)
        void navigate({ to: "/search", search: value ? { q: value } : {}, replace: onSearch });
    },
    PAUSE_MS,
  );
  useSlashKey(() => input.current?.focus());

  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    flush(text);
  };

  return (
    // biome-ignore lint/a11y/useSemanticElements: <search> is not known to every browser we support
    <form role="search" onSubmit={onSubmit} className={`relative ${className ?? ""}`}>
      <Icon
        name="search"
        className="pointer-events-none absolute top-1/2 left-3 size-4.5 -translate-y-1/2 text-faint"
      />
      <input
        ref={input}
        type="search"
        value={text}
        // biome-ignore lint/a11y/noAutofocus: only on the search page, which one opens in order to type
        autoFocus={autoFocus}
        onChange={(event) => type(event.target.value)}
        aria-label="Search titles, or paste a link"
        aria-keyshortcuts="/"
        placeholder="Search titles, or paste a link"
        autoComplete="off"
        spellCheck={false}
        enterKeyHint="search"
        className="min-h-11 w-full rounded-xl border border-line bg-surface pr-3 pl-10 text-[0.95rem] hover:border-line-strong"
      />
    </form>
  );
}
