// A new source: what it is and how it proves itself. Its address and secret are shown once.
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiError } from "~/api/client";
import type { AuthMode, CreatedSource, SourceKind } from "~/api/types";
import { Button } from "~/ui/Button";
import { CopyField } from "~/ui/CopyField";
import { SelectField, TextField } from "~/ui/Field";
import { Icon } from "~/ui/Icon";
import { ErrorState, FormError, SkeletonRows } from "~/ui/states";
import { kindsQuery, useCreateSource } from "./queries";
import { AUTH_WORDS } from "./words";

export function CreateSourceForm({ onDone }: { onDone: () => void }) {
  const { data: kinds, error, isPending, refetch } = useQuery(kindsQuery);
  const [created, setCreated] = useState<CreatedSource | null>(null);
  if (isPending) return <SkeletonRows label="Loading kinds of sources" rows={3} />;
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  const kind = kinds.items.find((entry) => entry.kind === created?.kind);
  if (created) return <Created source={created} kind={kind} onDone={onDone} />;
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
  const [missing, setMissing] = useState<string>();
  const problem = create.error instanceof ApiError ? create.error : undefined;

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const name = String(data.get("name") ?? "").trim();
    setMissing(name ? undefined : "Give it a name that you will recognize.");
    if (!name) return;
    const header = String(data.get("header_name") ?? "").trim() || undefined;
    create.mutate(
      { kind: kindName, name, auth_mode: chosen, ...(header ? { header_name: header } : {}) },
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
          defaultValue="X-Webhook-Token"
          autoComplete="off"
          spellCheck={false}
          error={problem?.field("header_name")}
        />
      )}
      {problem && problem.errors.length === 0 && <FormError error={problem} />}
      <Button type="submit" look="primary" busy={create.isPending}>
        Create
      </Button>
    </form>
  );
}

function Created({
  source,
  kind,
  onDone,
}: {
  source: CreatedSource;
  kind?: SourceKind;
  onDone: () => void;
}) {
  return (
    <div className="grid gap-5">
      <p className="flex gap-2 rounded-lg bg-warn-soft px-3.5 py-3 text-sm">
        <Icon name="warning" className="mt-0.5 size-4 text-warn" />
        <span>
          <strong>Copy these now.</strong> They are shown this once and cannot be read again.
        </span>
      </p>
      <CopyField label="Address" value={source.url} />
      {source.secret && <CopyField label="Secret" value={source.secret} />}
      {kind && kind.setup.length > 0 && (
        <div>
          <h3 className="mb-1.5 font-semibold">In {kind.title}</h3>
          <ol className="grid list-decimal gap-1 pl-5 text-muted">
            {kind.setup.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ol>
        </div>
      )}
      <Button look="primary" onClick={onDone}>
        I have copied them
      </Button>
    </div>
  );
}
