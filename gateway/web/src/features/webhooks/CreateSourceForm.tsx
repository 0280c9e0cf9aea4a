// A new source: what it is and how it proves itself. Its address and secret are shown once.
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiError } from "~/api/client";
import type { AuthMode, CreatedSource, SourceKind } from "~/api/types";
import { Button } from "~/ui/Button";
import { SelectField, TextField } from "~/ui/Field";
import { ErrorState, FormError, SkeletonRows } from "~/ui/states";
import { NewSource } from "./NewSource";
import { kindsQuery, useCreateSource } from "./queries";
import { AUTH_WORDS } from "./words";

export function CreateSourceForm({ onDone }: { onDone: () => void }) {
  const { data: kinds, error, isPending, refetch } = useQuery(kindsQuery);
  const [created, setCreated] = useState<CreatedSource | null>(null);
  if (isPending) return <SkeletonRows label="Loading kinds of sources" rows={3} />;
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  const kind = kinds.items.find((entry) => entry.kind === created?.kind);
  if (created) return <NewSource source={created} kind={kind} onDone={onDone} />;
  return <Form kinds={kinds.items} onCreated={setCreated} />;
}

function Form({
  kinds,
  onCreated,
}: {
  kinds: SourceKind[];
  onCreated: (source: CreatedSource) => void;
}) {
  const create = useCreateSource();
  const [kindName, setKindName] = useState(kinds[0]?.kind ?? "");
  const kind = kinds.find((entry) => entry.kind === kindName);
  const [mode, setMode] = useState<AuthMode>();
  const chosen = mode && kind?.auth_modes.includes(mode) ? mode : kind?.auth_modes[0];
  const signs = chosen === "github" || chosen === "standard";
  const [missing, setMissing] = useState<string>();
  const problem = create.error instanceof ApiError ? create.error : undefined;

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const text = (field: string) => String(data.get(field) ?? "").trim();
    const name = text("name");
    setMissing(name ? undefined : "Give it a name that you will recognize.");
    if (!name || !kind) return;
    const header_name = text("header_name") || undefined;
    const secret = text("secret") || undefined;
    create.mutate(
      { kind: kind.kind, name, auth_mode: chosen, header_name, secret },
      { onSuccess: onCreated },
    );
  };

  return (
    <form className="grid gap-4" onSubmit={submit} noValidate>
      <SelectField
        label="What sends"
        value={kindName}
        onChange={(event) => setKindName(event.target.value)}
      >
        {kinds.map((entry) => (
          <option key={entry.kind} value={entry.kind}>
            {entry.title}
          </option>
        ))}
      </SelectField>
      <TextField
        label="Name"
        name="name"
        autoComplete="off"
        placeholder={kind ? `${kind.title} in the living room` : undefined}
        error={missing ?? problem?.field("name")}
      />
      <SelectField
        label="How it proves itself"
        hint={kind?.guarantee}
        value={chosen}
        disabled={(kind?.auth_modes.length ?? 0) < 2}
        onChange={(event) => setMode(event.target.value as AuthMode)}
      >
        {kind?.auth_modes.map((entry) => (
          <option key={entry} value={entry}>
            {AUTH_WORDS[entry] ?? entry}
          </option>
        ))}
      </SelectField>
      {chosen === "header" && (
        <TextField
          label="Header name"
          name="header_name"
          defaultValue="X-MediaNest-Token"
          autoComplete="off"
          spellCheck={false}
          error={problem?.field("header_name")}
        />
      )}
      {signs && (
        <TextField
          label="The sender's own secret"
          name="secret"
          type="password"
          autoComplete="off"
          spellCheck={false}
          hint="Only if the sender insists on one. Leave it empty and a strong one is made."
          error={problem?.field("secret")}
        />
      )}
      <FormError error={problem} fields={["name", "header_name", "secret"]} />
      <Button type="submit" look="primary" busy={create.isPending}>
        Create
      </Button>
    </form>
  );
}
