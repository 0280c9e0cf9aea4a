// Step one: prove access to the machine with the setup secret and become the administrator.
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiError } from "~/api/client";
import type { Session } from "~/api/types";
import { setUp } from "~/features/session/queries";
import { Button } from "~/ui/Button";
import { TextField } from "~/ui/Field";
import { FormError } from "~/ui/states";

type Form = { setup_secret: string; username: string; password: string };
type Faults = Partial<Record<keyof Form, string>>;

function check(form: Form, again: string): Faults {
  const faults: Faults = {};
  if (!form.setup_secret)
    faults.setup_secret = "Paste the secret that MediaNest printed when it started.";
  if (!form.username) faults.username = "Choose a user name.";
  if (!form.password) faults.password = "Choose a password.";
  else if (form.password !== again) faults.password = "The two passwords are not the same.";
  return faults;
}

export function AdminForm({ onSession }: { onSession: (session: Session) => void }) {
  const [faults, setFaults] = useState<Faults>({});
  const setup = useMutation({ mutationFn: setUp, onSuccess: onSession });
  const problem = setup.error instanceof ApiError ? setup.error : undefined;
  const wrongSecret =
    problem?.code === "invalid-setup-secret"
      ? [problem.title, problem.detail].filter(Boolean).join(". ")
      : undefined;

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const text = (name: string) => String(data.get(name) ?? "");
    const form: Form = {
      setup_secret: text("setup_secret").trim(),
      username: text("username").trim(),
      password: text("password"),
    };
    const found = check(form, text("again"));
    setFaults(found);
    if (Object.keys(found).length === 0) setup.mutate(form);
  };

  return (
    <form className="grid gap-4" onSubmit={submit} noValidate>
      <TextField
        label="Setup secret"
        name="setup_secret"
        autoComplete="off"
        spellCheck={false}
        hint="Printed in the terminal and written to a file beside the data when MediaNest started."
        error={faults.setup_secret ?? wrongSecret ?? problem?.field("setup_secret")}
      />
      <TextField
        label="User name"
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        error={faults.username ?? problem?.field("username")}
      />
      <TextField
        label="Password"
        name="password"
        type="password"
        autoComplete="new-password"
        hint="A long phrase is better than a short puzzle."
        error={faults.password ?? problem?.field("password")}
      />
      <TextField label="Password again" name="again" type="password" autoComplete="new-password" />
      {!wrongSecret && (
        <FormError error={problem} fields={["setup_secret", "username", "password"]} />
      )}
      <Button type="submit" look="primary" busy={setup.isPending}>
        Create the administrator
      </Button>
    </form>
  );
}
