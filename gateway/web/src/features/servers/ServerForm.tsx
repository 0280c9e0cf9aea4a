// Address and token of a Plex server.
import { type FormEvent, useState } from "react";
import { ApiError } from "~/api/client";
import type { PlexServer } from "~/api/types";
import { Button } from "~/ui/Button";
import { TextField } from "~/ui/Field";
import { FormError } from "~/ui/states";
import { useAddServer } from "./queries";

type Faults = { url?: string; token?: string };

function check(url: string, token: string): Faults {
  const faults: Faults = {};
  if (!/^https?:\/\/[^\s/]+/i.test(url))
    faults.url = "Write the full address, such as http://192.168.1.10:32400.";
  if (!token) faults.token = "Paste the token of the server's owner.";
  return faults;
}

export function ServerForm({
  onAdded,
  submit,
}: {
  onAdded: (server: PlexServer) => void;
  submit: string;
}) {
  const [faults, setFaults] = useState<Faults>({});
  const add = useAddServer();
  const problem = add.error instanceof ApiError ? add.error : undefined;

  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const url = String(data.get("url") ?? "").trim();
    const token = String(data.get("token") ?? "").trim();
    const found = check(url, token);
    setFaults(found);
    if (!found.url && !found.token) add.mutate({ url, token }, { onSuccess: onAdded });
  };

  return (
    <form className="grid gap-4" onSubmit={onSubmit} noValidate>
      <TextField
        label="Server address"
        name="url"
        type="url"
        inputMode="url"
        autoComplete="off"
        placeholder="http://192.168.1.10:32400"
        hint="As MediaNest reaches it, with the port."
        error={faults.url ?? problem?.field("url")}
      />
      <TextField
        label="Plex token"
        name="token"
        type="password"
        autoComplete="off"
        spellCheck={false}
        hint="In Plex open any title, choose “Get Info”, then “View XML”: the token is the end of the address. It is stored encrypted and never shown again."
        error={faults.token ?? problem?.field("token")}
      />
      <FormError error={problem} fields={["url", "token"]} />
      <Button type="submit" look="primary" busy={add.isPending}>
        {submit}
      </Button>
    </form>
  );
}
