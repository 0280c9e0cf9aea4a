// The paste box: what the link is, how it should be fetched, where it should go.
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import { ApiError } from "~/api/client";
import type { CreateDownload } from "~/api/types";
import { librariesQuery } from "~/features/plex/queries";
import { asWebUrl } from "~/lib/links";
import { Button } from "~/ui/Button";
import { SelectField, TextField } from "~/ui/Field";
import { FormError } from "~/ui/states";
import { toast } from "~/ui/Toasts";
import { Preview } from "./Preview";
import { nameOf } from "./progress";
import { presetsQuery, previewQuery, useCreateDownload } from "./queries";

const PAUSE_MS = 450;

function useSettled(text: string): string | null {
  const link = asWebUrl(text);
  const [settled, setSettled] = useState<string | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(link), link ? PAUSE_MS : 0);
    return () => clearTimeout(timer);
  }, [link]);
  return settled === link ? settled : null;
}

function bodyOf(url: string, form: HTMLFormElement): CreateDownload {
  const data = new FormData(form);
  const text = (name: string) => String(data.get(name) ?? "").trim() || undefined;
  return {
    url,
    preset: text("preset"),
    library_id: text("library_id"),
    collection: text("collection"),
  };
}

export function Composer({ initialUrl, onAdded }: { initialUrl: string; onAdded: () => void }) {
  const [text, setText] = useState(initialUrl);
  const [fault, setFault] = useState<string>();
  const create = useCreateDownload();
  const link = asWebUrl(text);
  const preview = useQuery(previewQuery(useSettled(text)));
  const refused = preview.error instanceof ApiError && preview.error.status === 422;
  const problem = create.error instanceof ApiError ? create.error : undefined;

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (!link) {
      setFault("Paste a full link that starts with https:// or http://.");
      return;
    }
    create.mutate(bodyOf(link, event.currentTarget), {
      onSuccess: (download) => {
        setText("");
        toast("Added to the queue", nameOf(download));
        onAdded();
      },
    });
  };
  const onText = (value: string) => {
    setText(value);
    setFault(undefined);
    create.reset();
  };

  return (
    <form
      onSubmit={submit}
      noValidate
      className="grid grid-cols-1 gap-4 rounded-2xl border border-line bg-surface p-4 md:p-6"
    >
      <TextField
        label="Link to a video or playlist"
        name="url"
        type="url"
        inputMode="url"
        value={text}
        onChange={(event) => onText(event.target.value)}
        placeholder="https://"
        autoComplete="off"
        error={fault ?? problem?.field("url")}
      />
      <Preview link={link} preview={preview} />
      {link && (
        <Options
          playlist={preview.data?.kind === "playlist" ? (preview.data.title ?? null) : null}
        />
      )}
      <FormError error={problem} fields={["url"]} />
      <Button
        type="submit"
        look="primary"
        icon="download"
        className="justify-self-start"
        busy={create.isPending}
        disabled={refused}
      >
        {preview.data?.kind === "playlist"
          ? `Download ${preview.data.entry_count} videos`
          : "Download"}
      </Button>
    </form>
  );
}

function Options({ playlist }: { playlist: string | null }) {
  const { data: presets } = useQuery(presetsQuery);
  const { data: libraries = [] } = useQuery(librariesQuery);
  return (
    <div className="grid grid-cols-1 gap-4 sm:grid-cols-2 lg:grid-cols-3">
      <SelectField label="Quality" name="preset">
        {(presets?.items ?? [{ name: "best", title: "Best", description: "" }]).map((preset) => (
          <option key={preset.name} value={preset.name} title={preset.description}>
            {preset.title}
          </option>
        ))}
      </SelectField>
      <SelectField label="Library" name="library_id">
        <option value="">Chosen for me</option>
        {libraries.map((library) => (
          <option key={library.id} value={library.id}>
            {library.title}
          </option>
        ))}
      </SelectField>
      <TextField
        key={playlist}
        label="Collection"
        name="collection"
        defaultValue={playlist ?? ""}
        placeholder="None"
        autoComplete="off"
        className="sm:max-lg:col-span-2"
      />
    </div>
  );
}
